"""Pickles of checkpoints as data: a small machine that makes containers and tensors, and calls nothing.

No name in a pickle is imported or run: see `pickled_names` for those it may have.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from typing import IO, Any

from .pickled_names import Inert, known, made, storage_of, update

#: Greatest size in bytes of what is pickled beside the tensors; of 10 000 tensors it is 2 MB.
MOST_PICKLE = 32 << 20


def read_pickle(stream: IO[bytes]) -> Any:
    """Return what the next pickle of a stream holds, and leave the stream after it.

    Parameters
    ----------
    stream : binary file
        At the start of a pickle.

    Returns
    -------
    object
        Dictionaries, lists, tuples, numbers, texts and `Strided`; `Inert` for all else.

    Raises
    ------
    ValueError
        If it names what makes no tensor, or is damaged.
    """
    start = stream.tell()
    machine = _Machine()
    for opcode, argument, place in pickletools.genops(stream):
        if place is not None and place - start > MOST_PICKLE:
            raise ValueError(f"its pickle has more than {MOST_PICKLE} bytes beside the tensors")
        machine.step(opcode.name, argument)
    return machine.stack[-1]


class _Machine:
    """The stack and the memory of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marked: list[list[Any]] = []
        self.memory: dict[int, Any] = {}

    def step(self, opcode: str, argument: Any) -> None:
        """Do one operation."""
        if opcode in _VALUES:
            self.stack.append(argument)
        elif opcode in _CONSTANTS:
            self.stack.append(_CONSTANTS[opcode]())
        elif opcode in ("BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"):
            self.memory[len(self.memory) if argument is None else argument] = self.stack[-1]
        elif opcode in ("BINGET", "LONG_BINGET", "GET"):
            self.stack.append(self.memory[argument])
        elif opcode not in ("PROTO", "FRAME", "STOP"):
            method = _OPERATIONS.get(opcode)
            if method is None:
                raise ValueError(f"its pickle has the operation {opcode}, which torch.save does not write")
            method(self) if argument is None else method(self, argument)

    def since_mark(self) -> list[Any]:
        """Return what was put on the stack after the last mark, and go back to what was before."""
        found, self.stack = self.stack, self.marked.pop()
        return found

    def mark(self) -> None:
        self.marked.append(self.stack)
        self.stack = []

    def pop(self) -> None:
        self.stack.pop()

    def tuple_of(self, count: int | None = None) -> None:
        items = self.since_mark() if count is None else [self.stack.pop() for _ in range(count)][::-1]
        self.stack.append(tuple(items))

    def container(self, kind: Callable[[Any], Any]) -> None:
        items = self.since_mark()
        self.stack.append(kind(items))

    def append(self) -> None:
        item = self.stack.pop()
        _extend(self.stack[-1], [item])

    def appends(self) -> None:
        items = self.since_mark()
        _extend(self.stack[-1], items)

    def set_item(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        update(self.stack[-1], [key, value])

    def set_items(self) -> None:
        items = self.since_mark()
        update(self.stack[-1], items)

    def name(self, argument: str) -> None:
        self.stack.append(known(".".join(argument.split(" ", 1))))

    def stack_name(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(known(f"{module}.{name}"))

    def call(self) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        self.stack.append(made(function, arguments))

    def call_with_names(self) -> None:
        self.stack.pop()
        self.call()

    def build(self) -> None:
        self.stack.pop()  # attributes: of no container and tensor are they needed

    def storage(self) -> None:
        self.stack.append(storage_of(self.stack.pop()))


#: Operations whose argument is a value.
_VALUES = frozenset(
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE "
    "BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8".split()
)
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": Inert,
}
_OPERATIONS: dict[str, Callable[..., None]] = {
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "TUPLE": _Machine.tuple_of,
    "TUPLE1": lambda machine: machine.tuple_of(1),
    "TUPLE2": lambda machine: machine.tuple_of(2),
    "TUPLE3": lambda machine: machine.tuple_of(3),
    "LIST": lambda machine: machine.container(list),
    "DICT": lambda machine: machine.container(lambda items: update({}, items)),
    "FROZENSET": lambda machine: machine.container(lambda items: Inert()),
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "ADDITEMS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "GLOBAL": _Machine.name,
    "STACK_GLOBAL": _Machine.stack_name,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.call,
    "NEWOBJ_EX": _Machine.call_with_names,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.storage,
}


def _extend(target: Any, items: list[Any]) -> None:
    if isinstance(target, list):
        target.extend(items)
    elif not isinstance(target, Inert):
        raise ValueError(f"its pickle adds items to a {type(target).__name__}")
