"""A tree of turns: branches share what they share, and a changed node is found."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.domain.tree import Node, NodeKind, TrajectoryTree, TreeError

OBSERVATION, TURN = NodeKind.OBSERVATION, NodeKind.TURN
CONTENTS = st.dictionaries(
    st.text(max_size=5), st.one_of(st.text(max_size=8), st.integers(-9, 9), st.booleans()), max_size=3
)


@st.composite
def trees(draw):
    tree = TrajectoryTree()
    tree.append(None, OBSERVATION, draw(CONTENTS))
    for _ in range(draw(st.integers(0, 8))):
        parent = draw(st.integers(0, len(tree) - 1))
        tree.append(parent, draw(st.sampled_from(NodeKind)), draw(CONTENTS), sampled=draw(st.booleans()))
    return tree


def small() -> TrajectoryTree:
    tree = TrajectoryTree()
    root = tree.append(None, OBSERVATION, {"id": "o1"})
    one = tree.append(root, TURN, {"text": "a"}, sampled=True)
    tree.append(root, TURN, {"text": "b"}, sampled=True)
    tree.append(one, OBSERVATION, {"id": "r2"})
    return tree


def test_branches_and_leaves():
    tree = small()
    assert [node.seq for node in tree.leaves()] == [2, 3]
    assert [node.seq for node in tree.branch(3)] == [0, 1, 3]
    assert [node.seq for node in tree.branch(tree[2])] == [0, 2]


@given(trees())
def test_a_tree_survives_storage(tree):
    stored = TrajectoryTree(Node.from_dict(node.to_dict()) for node in reversed(list(tree)))
    stored.verify()
    assert list(stored) == list(tree)
    assert {node.seq for leaf in tree.leaves() for node in tree.branch(leaf)} == set(range(len(tree)))


@settings(max_examples=200)
@given(trees(), st.data())
def test_any_change_to_any_node_is_found(tree, data):
    nodes = list(tree)
    at = data.draw(st.integers(0, len(nodes) - 1))
    node = nodes[at]
    change = data.draw(
        st.sampled_from(
            [
                {"content": {**node.content, "added": 1}},
                {"sampled": not node.sampled},
                {"kind": TURN if node.kind is OBSERVATION else OBSERVATION},
                {"content_hash": "0" * 64},
            ]
        )
    )
    nodes[at] = replace(node, **change)
    with pytest.raises(TreeError) as error:
        TrajectoryTree(nodes).verify()
    assert error.value.seq == at


def test_a_rehashed_ancestor_breaks_its_children():
    tree = small()
    other = TrajectoryTree()
    forged = other.append(None, OBSERVATION, {"id": "forged"})
    with pytest.raises(TreeError) as error:
        TrajectoryTree([forged, *list(tree)[1:]]).verify()
    assert error.value.seq == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda nodes: nodes[1:],
        lambda nodes: [nodes[0], replace(nodes[1], parent_seq=1), *nodes[2:]],
        lambda nodes: [nodes[0], replace(nodes[1], parent_seq=None), *nodes[2:]],
        lambda nodes: [nodes[0], replace(nodes[1], parent_seq=3), *nodes[2:]],
        lambda nodes: [replace(nodes[0], parent_seq=0), *nodes[1:]],
    ],
)
def test_wrong_links_are_found(spoil):
    with pytest.raises(TreeError):
        TrajectoryTree(spoil(list(small()))).verify()


def test_only_the_root_has_no_parent():
    tree = small()
    with pytest.raises(TreeError, match="must have a parent"):
        tree.append(None, TURN, {})
    with pytest.raises(TreeError, match="does not exist"):
        tree.append(9, TURN, {})
    with pytest.raises(TreeError, match="must be an observation"):
        TrajectoryTree().append(None, TURN, {})
    with pytest.raises(TreeError, match="another tree"):
        tree.append(TrajectoryTree().append(None, OBSERVATION, {"id": "x"}), TURN, {})
