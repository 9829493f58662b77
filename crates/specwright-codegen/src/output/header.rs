//! The lines at the top of a generated file.

/// The lines that tell a reader where to change what they see.
pub(crate) fn mark(comment: &str, name: &str) -> String {
    format!(
        "{comment} @generated {}\n\
         {comment} Change the document and generate again.\n",
        generated(name)
    )
}

/// The same in a format that has no comments.
pub(crate) fn generated(name: &str) -> String {
    openapi_document::generated_mark(name)
}
