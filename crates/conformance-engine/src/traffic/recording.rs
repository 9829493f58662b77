//! Reads a file of recorded traffic, HAR or a VCR cassette, entry by entry.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

pub use crate::format::recording::{Recording, Unreadable};
use crate::format::stream::{self, Around, Found, List, Text};
use crate::format::{har, vcr};
use crate::model::recorded::{Expansion, Recorded};

/// The longest cassette in YAML, and the longest recording that is no file, in bytes: they are kept in memory.
const MOST_IN_MEMORY: usize = 64 << 20;

/// Why a file is no recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingError(String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}

impl Recording {
    /// Reads a HAR file or a VCR cassette (YAML or JSON), whichever `bytes` are, with all entries.
    ///
    /// # Errors
    /// The bytes are neither.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordingError> {
        let mut entries = Vec::new();
        let file = RecordingFile { source: Source::Bytes(bytes.to_vec()) }.survey(|_| {})?;
        file.read(|entry| entries.push(entry))?;
        let Contents { recorder, format, .. } = file.contents;
        Ok(Self { recorder, format, entries })
    }
}

/// A recording that takes the memory of one entry, whatever its size.
#[derive(Debug)]
pub struct RecordingFile {
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(File),
    Bytes(Vec<u8>),
    /// Of YAML, which takes long to read: each entry as JSON.
    Spool(Vec<(List, Vec<u8>)>),
}

/// What a recording has beside its exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Who wrote it, as it says itself.
    pub recorder: String,
    /// What it calls its format: `HAR` or `VCR`.
    pub format: &'static str,
    /// How many entries it has.
    pub count: usize,
}

/// A recording that was read through once.
#[derive(Debug)]
pub struct SurveyedRecording {
    source: Source,
    /// What it has.
    pub contents: Contents,
    plan: Plan,
}

/// Which entries are read, and how.
#[derive(Clone, Copy, Debug)]
struct Plan {
    list: List,
    encodes_requests: bool,
}

impl RecordingFile {
    /// Opens a file; `-` is standard input. What cannot be read twice is kept in memory, up to 64 MiB.
    ///
    /// # Errors
    /// It cannot be opened, or is longer than that.
    pub fn open(path: &Path) -> io::Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self { source: Source::Bytes(in_memory(io::stdin().lock())?) });
        }
        let file = File::open(path)?;
        let is_file = file.metadata()?.is_file();
        Ok(Self { source: if is_file { Source::File(file) } else { Source::Bytes(in_memory(file)?) } })
    }

    /// Reads it through, and shows every exchange on the way. Some may be shown that are not among those that are read
    /// afterwards, or more than once: this is for who looks for secrets.
    ///
    /// # Errors
    /// It is no recording.
    pub fn survey(self, mut see: impl FnMut(&Recorded)) -> Result<SurveyedRecording, RecordingError> {
        let Self { mut source } = self;
        let mut counts = [0; 3];
        let mut plan = Plan { list: List::Interactions, encodes_requests: false };
        let (mut has_encoded, mut expansion) = (false, Expansion::of_recording(source.size()));
        let around = source.survey(&mut |list, entry| {
            has_encoded |= list == List::Har && entry.as_ref().is_ok_and(har::is_encoded);
            plan.list = plan.list.min(list);
            if plan.list == list
                && let Ok(recorded) = plan.entry(counts[list as usize], entry, &mut expansion)
            {
                see(&recorded);
            }
            counts[list as usize] += 1;
        });
        let around = around.map_err(RecordingError)?;
        let Some(list) = around.lists.iter().min().copied() else {
            let reason = "neither a HAR file (`log.entries`) nor a VCR cassette (`http_interactions`)";
            return Err(RecordingError(reason.to_owned()));
        };
        let (recorder, format) = match list {
            List::Har => (har::recorder(&around.creator), "HAR"),
            List::Vcr | List::Interactions => (vcr::recorder(&around.recorded_with), "VCR"),
        };
        let plan = Plan { list, encodes_requests: has_encoded && har::encodes_requests(&recorder) };
        let contents = Contents { recorder, format, count: counts[list as usize] };
        let surveyed = SurveyedRecording { source, contents, plan };
        if plan.encodes_requests {
            surveyed.read(|entry| _ = entry.map(|recorded| see(&recorded)))?;
        }
        Ok(surveyed)
    }
}

impl SurveyedRecording {
    /// Gives every entry to `take`, in the order of the file.
    ///
    /// # Errors
    /// It cannot be read any more. A broken entry is no error, and given as one.
    pub fn read(&self, mut take: impl FnMut(Result<Recorded, Unreadable>)) -> Result<(), RecordingError> {
        let (mut index, mut expansion) = (0, Expansion::of_recording(self.source.size()));
        let read = self.source.each(&mut |list, entry| {
            if list == self.plan.list {
                take(self.plan.entry(index, entry, &mut expansion));
                index += 1;
            }
        });
        read.map_err(RecordingError)
    }
}

impl Plan {
    fn entry(self, index: usize, entry: Found, expansion: &mut Expansion) -> Result<Recorded, Unreadable> {
        let entry = entry.map_err(|reason| Unreadable { label: (index + 1).to_string(), reason })?;
        match self.list {
            List::Har => har::entry(index, &entry, self.encodes_requests, expansion),
            List::Vcr | List::Interactions => vcr::entry(index, &entry, expansion),
        }
    }
}

impl Source {
    /// In bytes.
    fn size(&self) -> u64 {
        match self {
            Self::File(file) => file.metadata().map_or(0, |file| file.len()),
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Spool(entries) => entries.iter().map(|(_, entry)| entry.len() as u64).sum(),
        }
    }

    /// Gives every entry to `take`, and says what is around them.
    fn survey(&mut self, take: &mut dyn FnMut(List, Found)) -> Result<Around, String> {
        let text = match self {
            Self::File(file) => {
                rewind(file)?;
                Text::new(Box::new(&*file) as Box<dyn Read>)
            }
            Self::Bytes(bytes) => Text::new(Box::new(&**bytes) as Box<dyn Read>),
            Self::Spool(_) => return Ok(Around::default()),
        };
        let text = text.map_err(|error| error.to_string())?;
        if text.first() == Some(b'{') {
            return stream::json(text, take);
        }
        let mut read = String::new();
        text.take(MOST_IN_MEMORY as u64 + 1).read_to_string(&mut read).map_err(|error| error.to_string())?;
        if read.len() > MOST_IN_MEMORY {
            return Err(format!("a cassette in YAML of more than {} MiB; JSON may be longer", MOST_IN_MEMORY >> 20));
        }
        let mut spool = Vec::new();
        let around = stream::yaml(&read, &mut |list, entry| {
            spool.push((list, entry.to_string().into_bytes()));
            take(list, Ok(entry));
        })?;
        *self = Self::Spool(spool);
        Ok(around)
    }

    /// Gives every entry to `take`.
    fn each(&self, take: &mut dyn FnMut(List, Found)) -> Result<(), String> {
        let text = match self {
            Self::File(file) => {
                rewind(file)?;
                Text::new(Box::new(file) as Box<dyn Read>)
            }
            Self::Bytes(bytes) => Text::new(Box::new(&**bytes) as Box<dyn Read>),
            Self::Spool(entries) => {
                for (list, entry) in entries {
                    take(*list, serde_json::from_slice(entry).map_err(|error| error.to_string()));
                }
                return Ok(());
            }
        };
        stream::json(text.map_err(|error| error.to_string())?, take).map(|_| ())
    }
}

fn rewind(mut file: &File) -> Result<(), String> {
    file.rewind().map_err(|error| error.to_string())
}

fn in_memory(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST_IN_MEMORY as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MOST_IN_MEMORY {
        let message = format!("more than {} MiB, and no file that can be read twice", MOST_IN_MEMORY >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}
