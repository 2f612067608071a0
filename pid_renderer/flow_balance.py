"""What follows at junctions from what is sensed: what flows in flows out, in the direction the file gives each pipe.

A control volume is a tee (or any fitting or valve where segments meet), or the stretch of a header between its first
and last tee. Its ports are the segments that end and begin there. Nothing flows in → nothing flows out, and the other
way round; where something flows out and one way in alone is not still, it flows in there. A port that would follow from
one in doubt is in doubt itself. Everything else stays unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pid_renderer.drawing import Connection, Drawing

PLAIN, FLOWING, STILL, UNKNOWN = range(4)
_MOST_ROUNDS: Final = 32
_DEAD_ENDS: Final = ("blind", "cap", "plug")


class _Ports:
    """Parts of segments that lead into a control volume and out of it, each with its junction."""

    def __init__(self) -> None:
        self.ins: list[tuple[int, str]] = []
        self.outs: list[tuple[int, str]] = []

    @property
    def crossed(self) -> bool:
        """Whether something may pass it at one junction, in by one branch and out by another."""
        return bool({at for _, at in self.ins} & {at for _, at in self.outs})


class Balance:
    """The control volumes of a drawing, and how states spread over them."""

    def __init__(self, drawing: Drawing, segments: Iterable[str], sensed_at: Mapping[str, Iterable[str]]) -> None:
        """`segments`: those whose states are asked for; `sensed_at`: elements at which each is sensed."""
        self._names = tuple(segments)
        joints: defaultdict[str, list[Connection]] = defaultdict(list)
        at: defaultdict[str, set[str]] = defaultdict(set)
        for joint in drawing.connections:
            joints[joint.segment].append(joint)
            for end in (joint.source, joint.target):
                at[end].add(joint.segment)
        self._joints_of = {
            id_ for id_, met in at.items()
            if len(met) > 1 and id_ in drawing.elements and drawing.elements[id_].family in ("fitting", "valve")
        }  # fmt: skip
        open_before = {link.source for link in drawing.links if link.kind == "open before"}
        open_after = {link.source for link in drawing.links if link.kind == "open after"}
        self._parts: list[str] = []
        """Whose part each variable is: a header has one before its first junction and one after its last."""
        ports: defaultdict[str, _Ports] = defaultdict(_Ports)
        volume_of: dict[str, str] = {}
        unsound: set[str] = set()
        headers: list[str] = []
        takes: dict[str, int] = {}
        chains = {name: _chain(own) for name, own in joints.items()}
        for name, chain in chains.items():
            inner = [id_ for id_ in chain[1:-1] if id_ in self._joints_of]
            for id_ in inner:
                if id_ in volume_of:
                    unsound |= {volume_of[id_], name}
                volume_of[id_] = name
        # An end of a header that is a junction too belongs to the header where no other runs through it.
        for name, chain in chains.items():
            if not chain:
                unsound |= {end for joint in joints[name] for end in (joint.source, joint.target)}
                continue
            stops = [number for number, id_ in enumerate(chain) if volume_of.get(id_) == name]
            first = self._new(name)
            if not stops:
                takes[name] = first
                if chain[0] in self._joints_of:
                    ports[volume_of.get(chain[0], chain[0])].outs.append((first, chain[0]))
                if chain[-1] in self._joints_of:
                    ports[volume_of.get(chain[-1], chain[-1])].ins.append((first, chain[-1]))
                continue
            last = self._new(name)
            starts = name in open_before or not _is_dead(drawing, chain[0], at)
            ends = name in open_after or not _is_dead(drawing, chain[-1], at)
            if starts:
                ports[name].ins.append((first, chain[0]))
            if ends:
                ports[name].outs.append((last, chain[-1]))
            if chain[0] in self._joints_of:
                ports[volume_of.get(chain[0], chain[0])].outs.append((first, chain[0]))
            if chain[-1] in self._joints_of:
                ports[volume_of.get(chain[-1], chain[-1])].ins.append((last, chain[-1]))
            headers.append(name)
            sensed = [chain.index(id_) for id_ in sensed_at.get(name, ()) if id_ in chain]
            if sensed and max(sensed) <= stops[0] and starts:
                takes[name] = first
            elif sensed and min(sensed) >= stops[-1] and ends:
                takes[name] = last
        directed = {name: all(joint.directed for joint in own) for name, own in joints.items()}
        sound = [
            volume
            for volume, found in ports.items()
            if volume not in unsound and found.ins and found.outs
            and all(directed[self._parts[part]] and at not in unsound for part, at in (*found.ins, *found.outs))
        ]  # fmt: skip
        pairs = [
            [(part, n) for n, volume in enumerate(sound) for part, _ in side(ports[volume])]
            for side in (attrgetter("ins"), attrgetter("outs"))
        ]
        self._in, self._out = (np.array(pair, np.int64).reshape(-1, 2).T for pair in pairs)
        self._volumes = len(sound)
        place = {name: number for number, name in enumerate(self._names)}
        self._taken = np.array([(place[n], v) for n, v in takes.items() if n in place], np.int64).reshape(-1, 2).T
        shown = [(place[n], v) for n, v in takes.items() if n in place and n not in headers]
        self._own = np.array(shown, np.int64).reshape(-1, 2).T
        number = {volume: n for n, volume in enumerate(sound)}
        told = [
            (place[name], number[name])
            for name in headers
            if name in place and name in number and not ports[name].crossed
        ]
        self._headers = np.array(told, np.int64).reshape(-1, 2).T
        self.reached = np.zeros(len(self._names), bool)
        """Segments that a state may come to from another."""
        self.reached[self._headers[0]] = True
        touched = np.zeros(len(self._parts), bool)
        touched[self._in[0]] = touched[self._out[0]] = True
        self.reached[self._own[0]] |= touched[self._own[1]]

    def _new(self, segment: str) -> int:
        self._parts.append(segment)
        return len(self._parts) - 1

    def settle(self, states: NDArray[np.int8]) -> NDArray[np.int8]:
        """States of the segments with what follows from the sensed ones; a sensed one stays as it is."""
        if not self._volumes:
            return states
        parts = np.zeros(len(self._parts), np.int8)
        parts[self._taken[1]] = states[self._taken[0]]
        for _ in range(_MOST_ROUNDS):
            before = parts
            parts = self._round(parts)
            if np.array_equal(parts, before):
                break
        found = states.copy()
        asked, own = self._own
        found[asked] = np.where(states[asked] == PLAIN, parts[own], states[asked])
        of, volume = self._headers
        if of.size:
            said = self._of_volumes(parts)[volume]
            found[of] = np.where(states[of] == PLAIN, said, states[of])
        return found

    def _count(self, side: NDArray[np.int64], is_so: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(side[1], is_so[side[0]], self._volumes).astype(np.int64)

    def _of_volumes(self, parts: NDArray[np.int8]) -> NDArray[np.int8]:
        """What goes through each volume as a whole."""
        found = np.zeros(self._volumes, np.int8)
        for side in (self._in, self._out):
            total = self._count(side, np.ones(len(parts), bool))
            still, doubt = self._count(side, parts == STILL), self._count(side, parts == UNKNOWN)
            found[(doubt > 0) & (still + doubt == total) & (found == PLAIN)] = UNKNOWN
            found[(self._count(side, parts == FLOWING) > 0) & (found != STILL)] = FLOWING
            found[still == total] = STILL
        return found

    def _round(self, parts: NDArray[np.int8]) -> NDArray[np.int8]:
        found = parts.copy()
        ones = np.ones(len(parts), bool)
        for this, other in ((self._in, self._out), (self._out, self._in)):
            total, other_total = self._count(this, ones), self._count(other, ones)
            still, other_still = self._count(this, parts == STILL), self._count(other, parts == STILL)
            plain, doubt = self._count(this, parts == PLAIN), self._count(this, parts == UNKNOWN)
            other_flows, other_doubt = self._count(other, parts == FLOWING), self._count(other, parts == UNKNOWN)
            flows = self._count(this, parts == FLOWING)
            shut = (other_still == other_total) & (flows == 0)
            single = (plain == 1) & (still == total - 1)
            doubted = (other_doubt > 0) & (other_still + other_doubt == other_total)
            doubted |= (plain == 1) & (flows == 0) & (doubt > 0) & (other_flows + other_doubt > 0)
            follows = np.where(
                shut, STILL, np.where(single & (other_flows > 0), FLOWING, np.where(doubted, UNKNOWN, PLAIN))
            ).astype(np.int8)
            part, volume = this
            free = (found[part] == PLAIN) & (follows[volume] != PLAIN)
            found[part[free]] = follows[volume[free]]
        return found


def _chain(joints: list[Connection]) -> list[str]:
    """The elements of a segment in their order; empty where it is no single way."""
    after = {joint.source: joint.target for joint in joints}
    starts = after.keys() - set(after.values())
    if len(after) != len(joints) or len(set(after.values())) != len(joints) or len(starts) != 1:
        return []
    chain = [starts.pop()]
    while chain[-1] in after:
        chain.append(after[chain[-1]])
    return chain if len(chain) == len(joints) + 1 else []


def _is_dead(drawing: Drawing, end: str, at: Mapping[str, set[str]]) -> bool:
    """Whether nothing passes an end: a blind flange or a cap."""
    element = drawing.elements.get(end)
    if element is None or element.family != "fitting" or len(at[end]) > 1:
        return False
    name = element.component_class.lower()
    return any(word in name for word in _DEAD_ENDS)
