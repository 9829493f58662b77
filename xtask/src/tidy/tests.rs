//! Tests the checks of a crate's sources on trees that are written for one test each.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::source::sources;
use super::{cycles, folders, modules};

/// A folder `src` with these files, removed when dropped.
struct Tree(PathBuf);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Tree {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("tidy-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let tree = Tree(std::env::temp_dir().join(name));
        for (path, text) in files {
            let path = tree.0.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is created");
            std::fs::write(path, text).expect("a file is written");
        }
        tree
    }

    fn problems(&self, order: &str) -> Vec<String> {
        let sources = sources(&self.0).expect("the tree is read");
        let edges = modules::edges(&sources);
        let mut problems = cycles::cycles(Path::new("src"), &edges);
        if !order.is_empty() {
            problems.extend(folders::order(Path::new("src"), order, &sources, &edges));
        }
        problems
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("the tree is removed");
    }
}

/// There is one problem, and its message contains this text.
#[track_caller]
fn wrong(order: &str, files: &[(&str, &str)], message: &str) {
    let problems = Tree::new(files).problems(order);
    assert!(matches!(&problems[..], [problem] if problem.contains(message)), "{problems:#?}");
}

#[track_caller]
fn right(order: &str, files: &[(&str, &str)]) {
    assert_eq!(Tree::new(files).problems(order), [""; 0]);
}

#[test]
fn two_files_that_import_each_other_are_a_cycle() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\n"),
        ("a.rs", "\nuse crate::b::B;\npub struct A;\n"),
        ("b.rs", "use crate::a::A;\npub struct B;\n"),
    ];
    wrong(
        "",
        &files,
        "src: 2 files import each other\n  src/a.rs:2: `crate::b::B` leads to b.rs\n  src/b.rs:1: `crate::a::A` leads to a.rs",
    );
}

#[test]
fn a_cycle_of_three_files_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c.rs", "fn c() { crate::a::x() } pub struct C;"),
        ("d.rs", "use crate::a;"),
    ];
    wrong("", &files, "src: 3 files import each other");
}

#[test]
fn a_cycle_through_a_re_export_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use a::A;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::A; pub struct B;"),
    ];
    wrong("", &files, "src/b.rs:1: `crate::A` leads to a.rs");
}

#[test]
fn a_cycle_through_a_re_export_of_a_module_is_found() {
    let files = [
        ("lib.rs", "mod model; mod run; pub use model::suite;"),
        ("model/mod.rs", "pub mod suite;"),
        ("model/suite.rs", "use crate::run::Run; pub struct Case;"),
        ("run.rs", "use crate::suite::Case; pub struct Run;"),
    ];
    wrong("", &files, "src/run.rs:1: `crate::suite::Case` leads to model/suite.rs");
}

#[test]
fn a_cycle_through_a_re_export_of_everything_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use a::*;"),
        ("a.rs", "use crate::b::B; pub fn f() {}"),
        ("b.rs", "use crate::f; pub struct B;"),
    ];
    wrong("", &files, "src/b.rs:1: `crate::f` leads to a.rs");
}

#[test]
fn a_cycle_through_super_super_is_found() {
    let files = [
        ("lib.rs", "mod a; mod run;"),
        ("a.rs", "use crate::run::poll::Poll; pub struct A;"),
        ("run/mod.rs", "pub mod poll;"),
        ("run/poll.rs", "use super::super::a::A; pub struct Poll;"),
    ];
    wrong("", &files, "src/run/poll.rs:1: `super::super::a::A` leads to a.rs");
}

#[test]
fn a_cycle_in_a_nested_group_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use std::fmt;\nuse crate::{\n    b::{\n        B,\n    },\n};\npub struct A;"),
        ("b.rs", "use super::{a::{self, A}}; pub struct B;"),
    ];
    wrong("", &files, "src/a.rs:4: `crate::b::B` leads to b.rs");
}

#[test]
fn a_cycle_by_an_expression_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub fn a() -> String { format!(\"{}\", crate::b::b()) }"),
        ("b.rs", "use crate::a; pub fn b() -> u8 { a::a(); 1 }"),
    ];
    wrong("", &files, "src/a.rs:1: `crate::b::b` leads to b.rs");
}

#[test]
fn a_cycle_through_a_module_in_scope_is_found() {
    let files = [
        ("lib.rs", "mod tools; mod bench;"),
        ("tools/mod.rs", "mod process; pub(crate) use process::run;"),
        ("tools/process.rs", "use crate::bench; pub fn run() { bench::all() }"),
        ("bench.rs", "use crate::tools; pub fn all() { tools::run() }"),
    ];
    wrong("", &files, "src/bench.rs:1: `tools::run` leads to tools/process.rs");
}

#[test]
fn a_mod_rs_with_code_that_its_child_uses_is_a_cycle() {
    let files = [
        ("lib.rs", "mod run;"),
        ("run/mod.rs", "mod poll; use poll::Poll; pub struct Run(Poll);"),
        ("run/poll.rs", "use super::Run; pub struct Poll;"),
    ];
    wrong("", &files, "src/run/mod.rs:1: `poll::Poll` leads to run/poll.rs");
}

#[test]
fn a_glob_import_of_the_parent_counts_where_its_names_are_used() {
    let files = [
        ("lib.rs", "mod run;"),
        ("run/mod.rs", "mod poll; fn start() { poll::poll() } pub struct Run;"),
        ("run/poll.rs", "use super::*; pub fn poll(run: Run) {}"),
    ];
    wrong("", &files, "src/run/poll.rs:1: `super` leads to run/mod.rs");
}

#[test]
fn a_folder_that_imports_a_later_one_is_named_with_its_line() {
    let files = [
        ("lib.rs", "mod model; mod run;"),
        ("model/mod.rs", "mod suite;"),
        ("model/suite.rs", "\n\nuse crate::run::Run;\n"),
        ("run/mod.rs", "mod course; pub use course::Run;"),
        ("run/course.rs", "pub struct Run;"),
    ];
    wrong(
        "model < run",
        &files,
        "src/model/suite.rs:3: imports `crate::run::Run` from run/course.rs, but `model` comes before `run`\n\
         hint: the order is model < run",
    );
}

#[test]
fn peers_do_not_import_each_other() {
    let files = [("lib.rs", "mod a; mod b;"), ("a/mod.rs", "use crate::b::B;"), ("b/mod.rs", "pub struct B;")];
    wrong("a, b", &files, "`a` and `b` are peers");
}

#[test]
fn the_order_and_the_folders_name_each_other() {
    let files = [("lib.rs", "mod a;"), ("a/mod.rs", "")];
    wrong("a < b", &files, "has no `b`");
    let files = [("lib.rs", "mod a; mod b;"), ("a/mod.rs", ""), ("b/mod.rs", "")];
    wrong("a", &files, "src/b: has no place in the order");
}

#[test]
fn one_way_is_right() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a/mod.rs", "mod one; pub use one::One;"),
        ("a/one.rs", "pub struct One;"),
        ("b/mod.rs", "use crate::a::One;"),
        ("c.rs", "fn f() { crate::a::One; super::b::x() }"),
    ];
    right("a < b < c", &files);
}

#[test]
fn siblings_in_one_direction_are_right() {
    let files = [
        ("lib.rs", "mod run;"),
        ("run/mod.rs", "mod poll; mod result; pub use poll::*; pub(crate) use result::{Outcome, Run};"),
        ("run/poll.rs", "use super::result::Outcome; use super::Run;"),
        ("run/result.rs", "pub enum Outcome { Pass } pub struct Run;"),
    ];
    right("run", &files);
}

#[test]
fn comments_and_strings_import_nothing() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        (
            "b.rs",
            "//! See [`crate::a::A`].\n/* use crate::a::A; */ const S: &str = \"use crate::a::A;\"; pub struct B;",
        ),
    ];
    right("b < a", &files);
}

#[test]
fn tests_may_import_from_anywhere() {
    let files = [
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod helper;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        (
            "b.rs",
            "pub struct B; #[cfg(test)] use crate::a::A; #[cfg(test)]\nmod tests { use crate::a::A; use super::*; }",
        ),
        ("helper.rs", "use crate::{a, b};"),
    ];
    right("b < a", &files);
}

#[test]
fn generated_files_do_not_count() {
    let files = [
        ("lib.rs", "mod generated; mod call;"),
        ("generated.rs", "use crate::call::Call; pub struct Reply;"),
        ("call.rs", "use crate::generated::Reply; pub struct Call;"),
    ];
    right("", &files);
}

#[test]
fn re_exports_at_the_root_are_no_cycle() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use a::{A, f as g}; pub use b::B;"),
        ("a.rs", "pub struct A; pub fn f() {}"),
        ("b.rs", "use crate::{A, g}; pub struct B;"),
    ];
    right("a < b", &files);
}

#[test]
fn names_of_other_crates_are_no_modules() {
    let files = [
        ("lib.rs", "mod client; mod http; pub use reqwest::header;"),
        ("http.rs", "use ::client::Client; use reqwest::Url; use crate::header::HOST; pub struct H;"),
        ("client.rs", "use crate::http::H; fn f(x: serde_json::Value) { std::mem::drop(x) }"),
    ];
    right("http < client", &files);
}

#[test]
fn a_method_or_a_type_of_the_same_name_is_no_module() {
    let files = [
        ("lib.rs", "mod plan; mod run;"),
        ("plan.rs", "struct Run; impl Run { fn run(&self) { self.run(); Run::run(self); } } pub struct Plan;"),
        ("run.rs", "use crate::plan::Plan;"),
    ];
    right("plan < run", &files);
}

#[test]
fn an_inline_module_belongs_to_its_file() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "mod inner { use super::A; pub struct I; } use inner::I; pub struct A(I);"),
        ("b.rs", "use crate::a::A;"),
    ];
    right("a < b", &files);
}

#[test]
fn visibility_and_lifetimes_are_no_imports() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub(in crate::b) struct A<'b> { b: &'b str }"),
        ("b.rs", "use crate::a::A;"),
    ];
    right("a < b", &files);
}

#[test]
fn main_is_a_root_too() {
    let files = [("main.rs", "mod a; mod b; fn main() { a::a(); b::b(); }"), ("a.rs", ""), ("b.rs", "use crate::a;")];
    right("a < b", &files);
}
