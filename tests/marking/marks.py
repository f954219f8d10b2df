"""Source with marks in it: running it writes down which lines are reached and which way each branch goes.

A mark is `__reached__[7] = 1`; its facts are pairs of lines, as coverage.py counts them: `(5, 5)`, line 5 is reached;
`(5, 6)`, from 5 on to 6; `(5, -6)`, from 5 on but not to 6 (where to, coverage.py knows when it reports).
A branch is an `if`, a loop, a `case` or one of several `except`. A line counts as soon as it is begun.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

NAME = "__reached__"
Fact = tuple[int, int]


def marked(source: bytes | str, path: str, opening: str) -> tuple[ast.Module, list[list[Fact]]]:
    """The tree with its marks, and the facts of each; the opening says what `__reached__` is."""
    tree = ast.parse(source, path)
    marks = _Marks()
    tree.body = marks.opened(tree.body, ast.parse(f"{NAME} = {opening}").body)
    return ast.fix_missing_locations(tree), marks.facts


class _Marks:
    def __init__(self) -> None:
        self.facts: list[list[Fact]] = []

    def opened(self, body: list[ast.stmt], opening: Sequence[ast.stmt] = ()) -> list[ast.stmt]:
        """The body of a module, a class or a function; what must stand first stays first."""
        kept = 0
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            kept = 1
        while kept < len(body) and isinstance(body[kept], ast.ImportFrom) and body[kept].module == "__future__":
            kept += 1
        facts = [(_line(each), _line(each)) for each in body[:kept]]
        return [*body[:kept], *opening, *self._body(body[kept:], facts)]

    def _body(self, body: Sequence[ast.stmt], before: Sequence[Fact] = ()) -> list[ast.stmt]:
        facts = list(before)
        result: list[ast.stmt] = []
        for statement in body:
            facts += [(line, line) for line in _lines(statement)]
            result += [self._mark(facts, statement), self._inside(statement)]
            facts = []
        return result

    def _inside(self, statement: ast.stmt) -> ast.stmt:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                statement.body = self.opened(statement.body)
            case ast.With() | ast.AsyncWith():
                statement.body = self._body(statement.body)
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
                line, first = statement.lineno, _line(statement.body[0])
                statement.body = self._body(statement.body, [(line, first)])
                other = [(line, -first)]
                statement.orelse = self._body(statement.orelse, other) or [self._mark(other, statement)]
            case ast.Try() | ast.TryStar():
                statement.body = self._body(statement.body)
                self._handlers(statement.handlers)
                statement.orelse = self._body(statement.orelse)
                statement.finalbody = self._body(statement.finalbody)
            case ast.Match():
                statement.cases = self._cases(statement)
        return statement

    def _handlers(self, handlers: Sequence[ast.ExceptHandler]) -> None:
        """A handler is reached when its type is asked for."""
        passed: list[Fact] = []
        for handler in handlers:
            line = handler.lineno
            if handler.type is not None:
                reached = self._call([*passed, (line, line)], handler.type)
                handler.type = ast.copy_location(ast.BoolOp(ast.Or(), [reached, handler.type]), handler.type)
            first = _line(handler.body[0])
            passed = [(line, -first)]
            handler.body = self._body(handler.body, [(line, line), (line, first)])

    def _cases(self, statement: ast.Match) -> list[ast.match_case]:
        """Before each case one that never fits, and says that the next one is tried."""
        result: list[ast.match_case] = []
        passed: list[Fact] = []
        for case in statement.cases:
            line, first = case.pattern.lineno, _line(case.body[0])
            tried = self._call([*passed, (line, line)], case.pattern)
            result.append(ast.match_case(_anything(case.pattern), tried, [ast.copy_location(ast.Pass(), case.pattern)]))
            case.body = self._body(case.body, [(line, first)])
            result.append(case)
            passed = [(line, -first)]
        last = statement.cases[-1]
        if last.guard is not None or not _fits_all(last.pattern):
            result.append(ast.match_case(_anything(last.pattern), None, [self._mark(passed, last.pattern)]))
        return result

    def _mark(self, facts: Sequence[Fact], place: ast.AST) -> ast.stmt:
        self.facts.append(list(facts))
        mark = ast.parse(f"{NAME}[{len(self.facts) - 1}] = 1").body[0]
        return _all_at(mark, place)

    def _call(self, facts: Sequence[Fact], place: ast.AST) -> ast.expr:
        """The mark as an expression that is never true."""
        self.facts.append(list(facts))
        mark = ast.parse(f"{NAME}.__setitem__({len(self.facts) - 1}, 1)", mode="eval").body
        return _all_at(mark, place)


def _all_at(mark: Any, place: ast.AST) -> Any:
    for node in ast.walk(mark):
        ast.copy_location(node, place)
    return mark


def _line(statement: ast.stmt) -> int:
    return _lines(statement)[0]


def _lines(statement: ast.stmt) -> list[int]:
    """The lines that begin it: decorators are reached before what they decorate."""
    decorators = getattr(statement, "decorator_list", [])
    return [*(each.lineno for each in decorators), statement.lineno]


def _anything(place: ast.AST) -> ast.pattern:
    return ast.copy_location(ast.MatchAs(), place)


def _fits_all(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _fits_all(inner)
        case ast.MatchOr(patterns=patterns):
            return any(_fits_all(each) for each in patterns)
    return False
