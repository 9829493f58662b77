//! Writes changes to the data file, and lets requests wait until theirs is written.
//!
//! One thread writes. While it waits for the disk, further changes are collected, and the next flush writes all of them: all
//! clients share flushes.

use crate::storage::pending::ChangeNumber;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use tokio::sync::watch;

/// Writes changes in its own thread. When it is dropped, all changes have been written.
#[derive(Debug)]
pub(crate) struct Writer {
    progress: watch::Receiver<Progress>,
    closing: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Progress {
    written: ChangeNumber,
    flushes: u64,
    failure: Option<WriteFailed>,
}

/// A change that could not be written to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WriteFailed {
    pub(crate) reason: Arc<str>,
}

impl Writer {
    /// `take` returns the changes after a given change, with the number of the latest; `write` returns when they are synced.
    pub(crate) fn start<Batch>(
        take: impl FnMut(ChangeNumber) -> Option<(ChangeNumber, Batch)> + Send + 'static,
        write: impl FnMut(&Batch) -> Result<(), String> + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, progress) = watch::channel(Progress::default());
        let closing = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&closing);
        let thread = thread::Builder::new().name("data file".to_owned());
        let writer = thread.spawn(move || write_changes(take, write, &sender, &asked))?;
        Ok(Self { progress, closing, writer: Some(writer) })
    }

    /// Without a thread: the function that comes with it writes all changes there are.
    #[cfg(test)]
    pub(crate) fn by_hand<Batch>(
        mut take: impl FnMut(ChangeNumber) -> Option<(ChangeNumber, Batch)>,
        mut write: impl FnMut(&Batch) -> Result<(), String>,
    ) -> (Self, impl FnMut()) {
        let (sender, progress) = watch::channel(Progress::default());
        let closing = Arc::new(AtomicBool::new(true));
        let asked = Arc::clone(&closing);
        (Self { progress, closing, writer: None }, move || write_changes(&mut take, &mut write, &sender, &asked))
    }

    /// Something changed.
    pub(crate) fn wake(&self) {
        if let Some(writer) = &self.writer {
            writer.thread().unpark();
        }
    }

    /// Returns when this change is in the file. Without one, returns at once whether a write has failed.
    pub(crate) async fn written(&self, change: Option<ChangeNumber>) -> Result<(), WriteFailed> {
        let decided = |progress: &Progress| progress.failure.is_some() || change <= Some(progress.written);
        let mut progress = self.progress.clone();
        match progress.wait_for(decided).await {
            Ok(progress) => progress.failure.clone().map_or(Ok(()), Err),
            Err(_) => Err(WriteFailed { reason: "the writer has stopped".into() }),
        }
    }

    /// As [`written`](Self::written), and blocks the thread.
    pub(crate) fn written_blocking(&self, change: Option<ChangeNumber>) -> Result<(), WriteFailed> {
        // A task of tokio has a budget, which is not renewed while this thread blocks.
        block_on(tokio::task::unconstrained(self.written(change)))
    }

    /// How many times something was written.
    pub(crate) fn flushes(&self) -> u64 {
        self.progress.borrow().flushes
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Release);
        self.wake();
        if let Some(writer) = self.writer.take() {
            // If it panicked, all waiting requests have their error.
            let _ = writer.join();
        }
    }
}

fn write_changes<Batch>(
    mut take: impl FnMut(ChangeNumber) -> Option<(ChangeNumber, Batch)>,
    mut write: impl FnMut(&Batch) -> Result<(), String>,
    progress: &watch::Sender<Progress>,
    closing: &AtomicBool,
) {
    let mut written = progress.borrow().written;
    loop {
        // Read first, so that all changes before it are taken below.
        let last = closing.load(Ordering::Acquire);
        match take(written) {
            Some((latest, batch)) => {
                let result = write(&batch);
                let failed = result.is_err();
                progress.send_modify(|progress| match result {
                    Ok(()) => {
                        written = latest;
                        progress.written = latest;
                        progress.flushes += 1;
                    }
                    Err(why) => progress.failure = Some(WriteFailed { reason: why.into() }),
                });
                if failed {
                    // A new run finds out whether the disk has recovered.
                    return;
                }
            }
            None if last => return,
            None => thread::park(),
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;
    use std::sync::mpsc;

    /// A writer whose disk takes one flush for every message, and how many changes there were.
    fn writer() -> (Writer, Arc<AtomicU64>, mpsc::Sender<Result<(), String>>) {
        let changes = Arc::new(AtomicU64::new(0));
        let (disk, results) = mpsc::channel();
        let latest = Arc::clone(&changes);
        let take = move |written| {
            let latest = ChangeNumber::nth(latest.load(Ordering::SeqCst));
            (latest > written).then_some((latest, ()))
        };
        let write = move |(): &()| results.recv().expect("a disk");
        (Writer::start(take, write).unwrap(), changes, disk)
    }

    fn change(writer: &Writer, changes: &AtomicU64) -> Option<ChangeNumber> {
        let number = changes.fetch_add(1, Ordering::SeqCst) + 1;
        writer.wake();
        Some(ChangeNumber::nth(number))
    }

    #[test]
    fn changes_during_a_flush_share_the_next_flush() {
        let (writer, changes, disk) = writer();
        let first = change(&writer, &changes);
        let rest: Vec<_> = (0..30).map(|_| change(&writer, &changes)).collect();
        disk.send(Ok(())).unwrap();
        assert_eq!(writer.written_blocking(first), Ok(()));
        disk.send(Ok(())).unwrap();
        for change in rest {
            assert_eq!(writer.written_blocking(change), Ok(()));
        }
        assert!(writer.flushes() <= 2);
    }

    #[test]
    fn a_request_without_a_change_does_not_wait() {
        let (writer, changes, disk) = writer();
        change(&writer, &changes);
        assert_eq!(writer.written_blocking(None), Ok(()));
        disk.send(Ok(())).unwrap();
    }

    #[test]
    fn dropping_the_writer_writes_all_changes() {
        let (writer, changes, disk) = writer();
        let latest = change(&writer, &changes);
        let progress = writer.progress.clone();
        disk.send(Ok(())).unwrap();
        drop(writer);
        assert_eq!(Some(progress.borrow().written), latest);
    }

    #[test]
    fn after_a_failure_every_wait_fails() {
        let (writer, changes, disk) = writer();
        let lost = change(&writer, &changes);
        disk.send(Err("no space left".to_owned())).unwrap();
        let unkept = Err(WriteFailed { reason: "no space left".into() });
        assert_eq!(writer.written_blocking(lost), unkept);
        let later = change(&writer, &changes);
        assert_eq!(writer.written_blocking(later), unkept);
        assert_eq!(writer.written_blocking(None), unkept);
    }

    #[tokio::test]
    async fn a_task_may_wait_many_times() {
        let (writer, changes, disk) = writer();
        for _ in 0..1000 {
            let change = change(&writer, &changes);
            disk.send(Ok(())).unwrap();
            assert_eq!(writer.written_blocking(change), Ok(()));
        }
    }
}
