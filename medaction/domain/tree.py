"""A trajectory as a tree: parent links, content hashes, and nothing ever edited. A correction is a new branch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from medaction.domain.canonical import content_hash


class NodeKind(StrEnum):
    OBSERVATION = "OBSERVATION"
    TURN = "TURN"


class TreeError(ValueError):
    """A tree that breaks its own rules. ``seq`` is the node at fault."""

    def __init__(self, seq: int, message: str) -> None:
        super().__init__(f"node {seq} {message}")
        self.seq = seq
        self.message = message


@dataclass(frozen=True, slots=True)
class Node:
    """``sampled`` says whether the model wrote it. ``content_hash`` also covers the parent's hash, so all ancestors."""

    seq: int
    parent_seq: int | None
    kind: NodeKind
    content: dict[str, Any]
    sampled: bool
    content_hash: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "parent_seq": self.parent_seq,
            "kind": self.kind.value,
            "content": self.content,
            "sampled": self.sampled,
            "content_hash": self.content_hash,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Node":
        return cls(
            seq=data["seq"],
            parent_seq=data["parent_seq"],
            kind=NodeKind(data["kind"]),
            content=data["content"],
            sampled=data["sampled"],
            content_hash=data["content_hash"],
        )


def hash_node(parent_hash: str | None, kind: NodeKind, content: dict[str, Any], *, sampled: bool) -> str:
    """SHA-256, in hexadecimal, of the parent's hash, kind, ``sampled`` and content in canonical JSON."""
    return content_hash({"parent": parent_hash, "kind": kind.value, "sampled": sampled, "content": content})


class TrajectoryTree:
    """Nodes numbered from 0 in the order of writing; node 0 is the root, an observation."""

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        """Take stored nodes as they are; :meth:`verify` says whether they are whole."""
        self._nodes: list[Node] = sorted(nodes, key=lambda node: node.seq)

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    def __getitem__(self, seq: int) -> Node:
        if not 0 <= seq < len(self._nodes):
            raise TreeError(seq, "does not exist")
        return self._nodes[seq]

    def append(self, parent: Node | int | None, kind: NodeKind, content: dict[str, Any], sampled: bool = False) -> Node:
        """Add a node below its parent; None is for the root alone. Raises :class:`TreeError`."""
        seq = len(self._nodes)
        parent_seq = parent.seq if isinstance(parent, Node) else parent
        if (parent_seq is None) != (seq == 0):
            raise TreeError(seq, "must have a parent" if seq else "is the root and has no parent")
        if parent_seq is None and kind is not NodeKind.OBSERVATION:
            raise TreeError(seq, "is the root and must be an observation")
        parent_hash = None if parent_seq is None else self[parent_seq].content_hash
        if isinstance(parent, Node) and parent.content_hash != parent_hash:
            raise TreeError(seq, "has a parent from another tree")
        hashed = hash_node(parent_hash, kind, content, sampled=sampled)
        node = Node(seq, parent_seq, kind, content, sampled, hashed)
        self._nodes.append(node)
        return node

    def branch(self, leaf: Node | int) -> tuple[Node, ...]:
        """The path from the root to a node."""
        node = self[leaf.seq if isinstance(leaf, Node) else leaf]
        path = [node]
        while node.parent_seq is not None:
            if node.parent_seq >= node.seq:
                raise TreeError(node.seq, "comes before its parent")
            node = self[node.parent_seq]
            path.append(node)
        return tuple(reversed(path))

    def leaves(self) -> tuple[Node, ...]:
        """The nodes without children, in the order of writing."""
        parents = {node.parent_seq for node in self._nodes}
        return tuple(node for node in self._nodes if node.seq not in parents)

    def verify(self) -> None:
        """Check numbering, links and every hash. Raises :class:`TreeError` for the first node at fault."""
        hashes: list[str] = []
        for seq, node in enumerate(self._nodes):
            if node.seq != seq:
                raise TreeError(node.seq, f"stands where node {seq} should")
            if (node.parent_seq is None) != (seq == 0) or not -1 < (node.parent_seq or 0) < max(seq, 1):
                raise TreeError(seq, "has a wrong parent")
            parent_hash = None if node.parent_seq is None else hashes[node.parent_seq]
            hashes.append(hash_node(parent_hash, node.kind, node.content, sampled=node.sampled))
            if node.content_hash != hashes[-1]:
                raise TreeError(seq, "was changed after it was written")
