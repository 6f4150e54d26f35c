// Packed data, which esbuild puts beside the page's scripts: its address.
declare module '*.bin' {
  const file: string;
  export default file;
}
