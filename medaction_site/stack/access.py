"""Letting PostgreSQL's own account pass through folders that only root may enter (``/root``, a private home)."""

import contextlib
import os
import pwd
import stat
import struct
from pathlib import Path

ACL = "system.posix_acl_access"
VERSION = struct.pack("<I", 2)
ENTRY = struct.Struct("<HHI")
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
UNNAMED = 0xFFFFFFFF
EXECUTE = 1


def let_through(path: Path, user: str) -> None:
    """Let ``user`` traverse every folder above ``path``: by an access list entry for that one account if the file
    system has them, else for everyone. Traversing is not reading: names and contents stay hidden."""
    account = pwd.getpwnam(user)
    groups = os.getgrouplist(user, account.pw_gid)
    for folder in (path, *path.parents):
        if _may_enter(folder.stat(), account.pw_uid, groups):
            continue
        try:
            _grant(folder, account.pw_uid)
        except OSError:
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)


def _may_enter(status: os.stat_result, uid: int, groups: list[int]) -> bool:
    if status.st_uid == uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid in groups:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _grant(folder: Path, uid: int) -> None:
    mode = folder.stat().st_mode
    entries = {
        (USER_OBJ, UNNAMED): mode >> 6 & 7,
        (GROUP_OBJ, UNNAMED): mode >> 3 & 7,
        (OTHER, UNNAMED): mode & 7,
    }
    with contextlib.suppress(OSError):  # no list yet: the mode bits say it all
        listed = os.getxattr(folder, ACL)[len(VERSION) :]
        entries = {(tag, who): allowed for tag, allowed, who in ENTRY.iter_unpack(listed)}
    wanted = entries | {
        (USER, uid): entries.get((USER, uid), 0) | EXECUTE,
        # The mask bounds every named entry; a chmod since then may have emptied it.
        (MASK, UNNAMED): entries.get((MASK, UNNAMED), entries[GROUP_OBJ, UNNAMED]) | EXECUTE,
    }
    if wanted == entries:
        return
    packed = b"".join(ENTRY.pack(tag, wanted[tag, who], who) for tag, who in sorted(wanted))
    os.setxattr(folder, ACL, VERSION + packed)
