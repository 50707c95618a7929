//! The content of a YAML or JSON file as a tree. Each node has its place in the file.

/// A place in a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// A value of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Place of its first character.
    pub(crate) place: Place,
    /// Tag without its exclamation mark, such as `GetAtt`.
    pub(crate) tag: Option<String>,
    pub(crate) content: Content,
}

/// Content of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A text, a number, a boolean or nothing, as it is written.
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Place of the key.
    pub(crate) place: Place,
    pub(crate) value: Node,
}

impl Node {
    /// Returns the entries of a map; none for another node.
    pub(crate) fn entries(&self) -> &[Entry] {
        if let Content::Map(entries) = &self.content { entries } else { &[] }
    }

    /// Returns the items of a list; none for another node.
    pub(crate) fn items(&self) -> &[Node] {
        if let Content::List(items) = &self.content { items } else { &[] }
    }

    /// Returns the items of a list, or the node itself: AWS accepts one value in place of a list of
    /// one.
    pub(crate) fn one_or_more(&self) -> &[Node] {
        if let Content::List(items) = &self.content { items } else { std::slice::from_ref(self) }
    }

    /// Returns the text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Content::Scalar(text) = &self.content { Some(text) } else { None }
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Follows the keys of `path`; `None` if a node lacks its key.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Calls `visit` with this node and every node below it.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Node)) {
        visit(self);
        match &self.content {
            Content::Scalar(_) => {}
            Content::List(items) => items.iter().for_each(|item| item.walk(visit)),
            Content::Map(entries) => entries.iter().for_each(|entry| entry.value.walk(visit)),
        }
    }
}
