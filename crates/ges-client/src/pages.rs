//! Reads lists page by page: graphs, jobs, backups.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;

use crate::error::{Error, Kind};
use crate::generated::{builder, types};

/// The entries requested per page. No page of the documentation has a maximum; a service may return fewer.
const PAGE_SIZE: i64 = 100;
/// The entries after which a list counts as endless.
const ENDLESS: usize = 100_000;
/// How many times in a row a page may be the same as the one before. An entry that is added meanwhile shifts the pages, so
/// that a page of one entry comes twice.
const MAX_REPEATS: usize = 2;

/// The entries of a page, and how many there are on all pages together.
type Page<T> = (Vec<T>, Option<i64>);
type Call<'a, T> = Pin<Box<dyn Future<Output = Result<Page<T>, Error>> + Send + 'a>>;

/// The entries of a list, which are fetched page by page as they are taken.
///
/// The list ends at an empty page, or when there have been as many entries as the service counts. If entries are added
/// or removed meanwhile, pages shift: an entry can then come twice, or not at all. A service that returns the same page again
/// and again is found out, and is an error ([`Error::is_endless`]).
///
/// ```no_run
/// # async fn example(ges: ges_client::Client) -> Result<(), ges_client::Error> {
/// let mut graphs = ges.list_graphs().all();
/// while let Some(graph) = graphs.next().await? {
///     println!("{:?}", graph.name);
/// }
/// let latest = ges.list_jobs().all().at_most(20).collect().await?;
/// # Ok(()) }
/// ```
#[must_use = "entries are fetched as they are taken, by `next` or `collect`"]
pub struct Entries<'a, T> {
    call: Box<dyn Fn(i64, i64) -> Call<'a, T> + Send + Sync + 'a>,
    page: VecDeque<T>,
    /// The page as it was fetched, and how many times in a row it was the same.
    latest: Vec<T>,
    repeats: usize,
    page_size: i64,
    /// The entries that were fetched, and those that were taken.
    fetched: usize,
    taken: usize,
    at_most: Option<usize>,
    is_complete: bool,
}

impl<'a, T: Clone + PartialEq> Entries<'a, T> {
    fn new<F>(call: impl Fn(i64, i64) -> F + Send + Sync + 'a) -> Entries<'a, T>
    where
        F: Future<Output = Result<Page<T>, Error>> + Send + 'a,
    {
        Entries {
            call: Box::new(move |offset, limit| Box::pin(call(offset, limit))),
            page: VecDeque::new(),
            latest: Vec::new(),
            repeats: 0,
            page_size: PAGE_SIZE,
            fetched: 0,
            taken: 0,
            at_most: None,
            is_complete: false,
        }
    }

    /// The entries to request per page (`limit`); 100 by default. The service may return fewer.
    pub fn page_size(self, page_size: u32) -> Self {
        Entries { page_size: page_size.max(1).into(), ..self }
    }

    /// Ends the list after so many entries. Without it, more than 100,000 entries are an error.
    pub fn at_most(self, count: usize) -> Self {
        Entries { at_most: Some(count), ..self }
    }

    /// The next entry, or `None` after the last one. After an error, the same page is requested again.
    ///
    /// # Errors
    /// As of the call that requests a page. The list does not end ([`Error::is_endless`]): [`at_most`](Entries::at_most) sets
    /// no limit, and there are more than 100,000 entries; or one page came four times in a row.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        if self.at_most.is_some_and(|count| self.taken >= count) {
            return Ok(None);
        }
        if self.page.is_empty() && !self.is_complete {
            if self.at_most.is_none() && self.fetched >= ENDLESS {
                let message = format!("it has more than {ENDLESS} entries");
                return Err(Error::new(Kind::Endless, message).with_hint("narrow the list, or set `at_most`"));
            }
            let (page, count) = (self.call)(i64::try_from(self.fetched).unwrap_or(i64::MAX), self.page_size).await?;
            self.repeats = if page == self.latest && !page.is_empty() { self.repeats + 1 } else { 0 };
            if self.repeats > MAX_REPEATS {
                let message = format!("one page of {} entries came {} times in a row", page.len(), self.repeats + 1);
                return Err(Error::new(Kind::Endless, message).with_hint("the service seems to ignore `offset`"));
            }
            self.latest.clone_from(&page);
            self.fetched += page.len();
            let is_counted = count.is_some_and(|count| usize::try_from(count).is_ok_and(|count| self.fetched >= count));
            self.is_complete = page.is_empty() || is_counted;
            self.page = page.into();
        }
        let next = self.page.pop_front();
        self.taken += usize::from(next.is_some());
        Ok(next)
    }

    /// The entries that have not been taken yet.
    ///
    /// # Errors
    /// As of [`next`](Entries::next).
    pub async fn collect(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(entry) = self.next().await? {
            all.push(entry);
        }
        Ok(all)
    }
}

impl<T> fmt::Debug for Entries<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entries { page_size, fetched, taken, at_most, is_complete, .. } = self;
        f.debug_struct("Entries")
            .field("page_size", page_size)
            .field("fetched", fetched)
            .field("taken", taken)
            .field("at_most", at_most)
            .field("is_complete", is_complete)
            .finish()
    }
}

/// Gives the builder of a list the method `all`.
macro_rules! lists {
    ($($builder:ident, $entry:ident, $entries:ident, $count:ident;)*) => {$(
        impl<'a> builder::$builder<'a> {
            /// The entries of all pages, which are requested as they are taken. `offset` and `limit` follow from that; what
            /// was set for them is ignored.
            pub fn all(self) -> Entries<'a, types::$entry> {
                Entries::new(move |offset, limit| {
                    let request = self.clone().offset(offset).limit(limit);
                    async move {
                        let page = request.send().await?.into_inner();
                        Ok((page.$entries, page.$count))
                    }
                })
            }
        }
    )*};
}

lists! {
    ListGraphs, Graph, graphs, graph_count;
    ListGraphsV1, GraphV1, graphs, graph_count;
    ListJobs, Job, job_list, job_count;
    ListJobsV1, JobV1, job_list, job_count;
    ListBackups, Backup, backup_list, backup_count;
    ListBackupsV1, BackupV1, backup_list, backup_count;
    ListGraphBackups, Backup, backup_list, backup_count;
    ListGraphBackupsV1, BackupV1, backup_list, backup_count;
}
