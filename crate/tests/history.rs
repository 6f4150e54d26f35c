//! The losses of a run in bounded memory.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::experiment::history::{BUCKETS, Bucket, EpochMeans, History, WHOLE};

/// Falls, with a little noise.
fn losses(n: usize) -> Vec<f32> {
    (0..n).map(|i| 1.0 / (1.0 + i as f32) + ((i as u64 * 7919) % 1000) as f32 * 1e-4).collect()
}

fn of(losses: &[f32]) -> History {
    let mut history = History::default();
    history.extend(losses);
    history
}

#[test]
fn losses_are_kept_one_by_one_as_long_as_they_are_few() {
    let all = losses(WHOLE);
    let history = of(&all);
    assert_eq!((history.length(), history.bucket_size()), (WHOLE as u64, 1));
    let kept: Vec<f32> = history.buckets().iter().map(|bucket| bucket.last).collect();
    assert_eq!(kept, all);
    for (i, bucket) in history.buckets().iter().enumerate() {
        assert_eq!((bucket.low, bucket.high), ((i as u64 + 1, all[i]), (i as u64 + 1, all[i])));
    }
}

#[test]
fn buckets_hold_the_lowest_the_highest_and_the_last_of_their_losses() {
    for n in [WHOLE + 1, 20_000, 32_768, 32_769, 100_003, 1_000_000] {
        let all = losses(n);
        let history = of(&all);
        let size = history.bucket_size() as usize;
        assert!(size.is_power_of_two());
        assert_eq!(history.buckets().len(), n.div_ceil(size), "{n}");
        assert!((BUCKETS / 2..=BUCKETS).contains(&history.buckets().len()), "{n}");
        for (i, (bucket, part)) in history.buckets().iter().zip(all.chunks(size)).enumerate() {
            let at = |(number, loss): (u64, f32)| {
                let place = number as usize - 1;
                assert!((i * size..i * size + part.len()).contains(&place), "{n}");
                assert_eq!(all[place], loss);
                loss
            };
            assert_eq!(at(bucket.low), part.iter().copied().fold(f32::INFINITY, f32::min));
            assert_eq!(at(bucket.high), part.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            assert_eq!(Some(&bucket.last), part.last());
        }
        assert_eq!(history.last(), all.last().copied());
    }
}

#[test]
fn what_is_kept_does_not_depend_on_the_portions() {
    let all = losses(70_001);
    let whole = of(&all);
    for portion in [1, 7, 4096, 16_384, 50_000] {
        let mut history = History::default();
        for part in all.chunks(portion) {
            history.extend(part);
        }
        assert_eq!(history.buckets(), whole.buckets(), "{portion}");
        assert_eq!(history.bucket_size(), whole.bucket_size());
    }
}

#[test]
fn changes_put_together_are_the_whole() {
    let all = losses(70_001);
    let mut history = History::default();
    let mut copy: Vec<Bucket> = Vec::new();
    let mut most_after_a_while = 0;
    for (i, part) in all.chunks(100).enumerate() {
        let size = history.bucket_size();
        history.extend(part);
        let grown = size != history.bucket_size();
        let (from, changes) = history.changes();
        if i > 0 && !grown {
            most_after_a_while = most_after_a_while.max(changes.len());
        }
        copy.truncate(from);
        copy.extend(changes);
        assert_eq!(copy, history.buckets());
    }
    // A hundred losses, in a hundred buckets at most.
    assert_eq!(most_after_a_while, 100);
    assert_eq!(history.changes().1.len(), 1, "the last bucket is still open");
}

#[test]
fn memory_stays_bounded_and_a_spike_stays_visible() {
    let mut history = History::default();
    let flat = vec![0.5; 1 << 16];
    let mut largest = 0;
    for i in 0..400 {
        history.extend(&flat);
        if i == 100 {
            history.extend(&[9.0]);
        }
        largest = largest.max(history.buckets().len());
    }
    assert_eq!(history.length(), 400 * 65_536 + 1);
    assert!(largest <= WHOLE, "{largest}");
    let spikes: Vec<_> = history.buckets().iter().filter(|bucket| bucket.high.1 == 9.0).collect();
    assert_eq!(spikes.len(), 1);
    assert_eq!(spikes[0].high.0, 101 * 65_536 + 1);
}

#[test]
fn losses_that_are_not_finite_are_no_extremes() {
    let mut all = vec![1.0; WHOLE];
    all.extend([3.0, f32::INFINITY]);
    let history = of(&all);
    let last = history.buckets().last().unwrap();
    assert_eq!((last.high, last.last), ((WHOLE as u64 + 1, 3.0), f32::INFINITY));

    let nothing = of(&[f32::NAN]);
    assert!(nothing.last().unwrap().is_nan() && nothing.buckets()[0].low.1.is_nan());
    let mut late = vec![f32::NAN; WHOLE + 1];
    late.push(2.0);
    let last = of(&late).buckets()[WHOLE / 8];
    assert_eq!((last.low.1, last.high.1, last.last), (2.0, 2.0, 2.0));
    assert_eq!(of(&[]).last(), None);
}

#[test]
fn a_history_goes_on_from_its_parts() {
    let all = losses(70_001);
    for n in [0, 1, WHOLE, WHOLE + 1, 40_000] {
        let before = of(&all[..n]);
        let parts = (before.length(), before.bucket_size(), before.buckets().to_vec());
        let mut again = History::from_parts(parts.0, parts.1, parts.2).unwrap();
        assert_eq!(again.changes(), (0, before.buckets()), "all of it is news");
        again.extend(&all[n..]);
        assert_eq!(again.buckets(), of(&all).buckets(), "{n}");
    }
}

#[test]
fn parts_that_do_not_fit_each_other_make_no_history() {
    let history = of(&losses(40_000));
    let (length, size, buckets) = (history.length(), history.bucket_size(), history.buckets().to_vec());
    assert!(History::from_parts(length, size, buckets.clone()).is_some());
    assert!(History::from_parts(length, 3, buckets.clone()).is_none());
    assert!(History::from_parts(length + size, size, buckets.clone()).is_none());
    assert!(History::from_parts(u64::MAX, size, buckets.clone()).is_none());
    let mut displaced = buckets;
    displaced[7].low.0 = 1;
    assert!(History::from_parts(length, size, displaced).is_none());
}

#[test]
fn the_mean_of_an_epoch_comes_when_the_epoch_is_over() {
    let mut means = EpochMeans::default();
    means.extend(&[1.0, 2.0], 3);
    assert_eq!(means.history().length(), 0);
    means.extend(&[6.0, 4.0, 4.0, 1.0, 9.0], 3);
    // (1 + 2 + 6) / 3 and (4 + 4 + 1) / 3; the 9 waits for two more.
    assert_eq!(means.history().length(), 2);
    let kept: Vec<f32> = means.history().buckets().iter().map(|bucket| bucket.last).collect();
    assert_eq!(kept, [3.0, 3.0]);
}

#[test]
fn means_of_epochs_go_on_from_their_parts() {
    let mut whole = EpochMeans::default();
    whole.extend(&[1.0, 2.0, 6.0, 4.0], 3);
    assert_eq!(whole.unfinished(), (4.0, 1));
    let mut again = EpochMeans::from_parts(whole.unfinished(), whole.history().clone());
    for means in [&mut whole, &mut again] {
        means.extend(&[4.0, 1.0], 3);
    }
    assert_eq!(again.history().buckets(), whole.history().buckets());
}
