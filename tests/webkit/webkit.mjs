// WebKit as Debian has it: its small browser on a display that nobody sees, driven through WebDriver. Playwright drives
// only a WebKit of its own, which no package has.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Builder, Capabilities } from 'selenium-webdriver';
import { eventually } from '../browser/harness.mjs';

const DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a browser that has kept nothing; `close` ends all that was started. */
export async function startWebKit() {
  const port = await freePort();
  const display = ['--auto-servernum', '--server-args=-screen 0 1440x900x24'];
  // With a bus of its own: the browser waits for ever where nobody answers on one.
  const service = spawn('xvfb-run', [...display, 'dbus-run-session', '--', DRIVER, `--port=${port}`], {
    // A group of processes, to end them all at once.
    detached: true,
    stdio: 'ignore',
  });
  const end = () => void (service.pid && service.exitCode === null && process.kill(-service.pid));
  const address = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([
      eventually(() => fetch(`${address}/status`)),
      once(service, 'error').then(([error]) => Promise.reject(error)),
    ]);
    const driver = await new Builder()
      .usingServer(address)
      .withCapabilities(new Capabilities({ browserName: 'MiniBrowser' }))
      .build();
    await driver.manage().window().setRect({ x: 0, y: 0, width: 1440, height: 900 });
    const close = async () => {
      await driver.quit().finally(end);
    };
    return { driver, close };
  } catch (error) {
    end();
    throw error;
  }
}
