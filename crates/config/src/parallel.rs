//! Many things that have nothing to do with each other, on all cores.

use std::panic::resume_unwind;
use std::thread;

/// Fewer than this are not worth a thread.
const FEW: usize = 16;

/// The answer to each, in their order. Each core takes its share; of a few, one core takes all.
pub fn read_all<T: Sync, U: Send>(all: &[T], ask: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let cores = if all.len() < FEW { 1 } else { thread::available_parallelism().map_or(1, std::num::NonZero::get) };
    let mut shares = all.chunks(all.len().div_ceil(cores).max(1));
    let mine = shares.next().unwrap_or_default();
    let ask = &ask;
    thread::scope(|scope| {
        let others: Vec<_> =
            shares.map(|share| scope.spawn(move || share.iter().map(ask).collect::<Vec<_>>())).collect();
        let mut answers: Vec<U> = Vec::with_capacity(all.len());
        answers.extend(mine.iter().map(ask));
        for other in others {
            answers.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        answers
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_questions() {
        for count in [0, 1, FEW, 1000] {
            let all: Vec<usize> = (0..count).collect();
            assert_eq!(read_all(&all, |one| one * 2), all.iter().map(|one| one * 2).collect::<Vec<_>>());
        }
    }
}
