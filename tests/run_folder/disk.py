"""A model of a disk: what a power cut may leave of a folder, from a record of strace.

Until a file is synced, its content may be lost, or half of it; until a folder is
synced, each change of its names may have happened or not, whatever came before it. A
journal loses less than that.
"""

import os
import re
from typing import NamedTuple

CALLS = (
    "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,"
    "copy_file_range,sendfile,link,linkat,symlink,symlinkat,fsync,fdatasync,syncfs,"
    "rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat"
)
# -f: threads, too; -y: the paths of descriptors; -s: so much of what is written.
STRACE = ("strace", "-f", "-y", "-s", "20000", "-e", f"trace={CALLS}")
_LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (\d+)(?:<([^>]*)>)?")  # no failed ones
_STRING = r'"((?:[^"\\]|\\.)*)"'


class Call(NamedTuple):
    """A system call that ended well: its name, arguments, and what it returned."""

    name: str
    arguments: str
    number: int
    path: str | None

    def paths(self):
        """The paths among the arguments, names in a folder that is open as well."""
        found = re.findall(
            rf"(?:(?:\d+|AT_FDCWD)<([^>]*)>, )?{_STRING}", self.arguments
        )
        return [os.path.join(folder, name) for folder, name in found]

    def open_path(self):
        """The path of the descriptor that is the first argument."""
        match = re.match(r"\d+<([^>]*)>", self.arguments)
        return match[1] if match else ""

    def text(self):
        """What is written, as bytes; None where the record does not hold all of it."""
        match = re.search(rf", {_STRING}, \d+$", self.arguments)
        return match and match[1].encode().decode("unicode_escape").encode("latin-1")


def calls(record):
    """Yields the Calls of a record, a str, in the order in which they ended."""
    begun = {}
    for line in record.splitlines():
        thread = line.split(" ", 1)[0]
        if line.endswith(" <unfinished ...>"):
            begun[thread] = line.removesuffix(" <unfinished ...>")
            continue
        if resumed := re.match(r"\d+ +<\.\.\. \w+ resumed>(.*)", line):
            line = begun.pop(thread) + resumed[1]
        if match := _LINE.match(line):
            name, arguments, number, path = match.groups()
            yield Call(name, arguments, int(number), path)


class _File:
    def __init__(self):
        self.path = None
        self.truncate()

    def truncate(self):
        self.written, self.size, self.synced_size = b"", 0, 0

    def write(self, size, text):
        whole = text is not None and self.written is not None and len(text) == size
        self.written = self.written + text if whole else None
        self.size += size

    def left(self, content, random):
        """Returns what may be left of its content."""
        sizes = [self.size]
        if self.size > self.synced_size:
            sizes += [self.synced_size, (self.synced_size + self.size) // 2]
        return content[: sizes[random.integers(len(sizes))]]


class _Folder:
    def __init__(self):
        self.names, self.synced, self.changes = {}, {}, []

    def change(self, names):
        self.changes.append(names)
        self.names = _changed(self.names, names)

    def left(self, random):
        """Returns the names that may be left, with what they name."""
        names = self.synced
        for change in self.changes:
            if random.random() < 0.5:
                names = _changed(names, change)
        return names


def _changed(names, change):
    return {name: node for name, node in (names | change).items() if node is not None}


class Disk:
    """What programs see in a folder, and how much of it a power cut can't take.

    Args:
        root: pathlib.Path, of the folder, which is empty and there for good.
    """

    def __init__(self, root):
        self._root, self._top = str(root), _Folder()

    def concerns(self, call):
        """Returns whether a Call changes or syncs something in the folder."""
        places = [call.open_path(), *call.paths()[-1:], call.path or ""]
        if call.name in ("open", "openat", "creat"):
            is_made = "O_CREAT" in call.arguments or call.name == "creat"
            places = (
                places[-1:] if is_made and "O_TMPFILE" not in call.arguments else []
            )
        return any(self._is_inside(place) for place in places)

    def apply(self, call):
        """Does what a Call of concern does."""
        if call.name in ("openat", "open", "creat"):
            self._create(call.path, "O_TRUNC" in call.arguments)
        elif call.name in ("mkdir", "mkdirat"):
            self._set(call.paths()[0], _Folder())
        elif call.name == "write":
            if "(deleted)" not in call.arguments.split(", ")[0]:
                self._node(call.open_path()).write(call.number, call.text())
        elif call.name in ("fsync", "fdatasync"):
            self._sync(self._node(call.open_path()))
        elif call.name in ("rename", "renameat", "renameat2"):
            self._rename(*call.paths())
        elif call.name in ("unlink", "unlinkat", "rmdir"):
            self._set(call.paths()[0], None)
        else:
            raise NotImplementedError(call)

    def leave(self, target, random, content):
        """Writes what a power cut may leave now.

        Args:
            target: pathlib.Path, of an empty folder.
            random: NumPy generator.
            content: function from the path that a file had last, relative to root, to
                its bytes; for what the record does not hold.
        """
        self._leave(self._top, target, random, content)

    def _leave(self, folder, target, random, content):
        for name, node in folder.left(random).items():
            path = target / name
            if isinstance(node, _Folder):
                path.mkdir()
                self._leave(node, path, random, content)
                continue
            whole = node.written
            if whole is None:
                whole = content(os.path.relpath(node.path, self._root))
            path.write_bytes(node.left(whole, random))

    def _is_inside(self, path):
        return path.startswith(self._root + "/") or path == self._root

    def _node(self, path):
        node = self._top
        if path != self._root:
            for name in os.path.relpath(path, self._root).split("/"):
                node = node.names[name]
        return node

    def _set(self, path, node):
        folder, name = os.path.split(path)
        self._node(folder).change({name: node})
        if isinstance(node, _File):
            node.path = path

    def _create(self, path, is_truncated):
        names = self._node(os.path.dirname(path)).names
        if os.path.basename(path) not in names:
            self._set(path, _File())
        elif is_truncated:
            self._node(path).truncate()

    def _rename(self, path, other):
        folder, name = os.path.split(path)
        other_folder, other_name = os.path.split(other)
        assert folder == other_folder, (path, other)
        node = self._node(path)
        node.path = other
        self._node(folder).change({name: None, other_name: node})  # at once

    def _sync(self, node):
        if isinstance(node, _Folder):
            node.synced, node.changes = node.names, []
        else:
            node.synced_size = node.size
