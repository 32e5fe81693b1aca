# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What is changed in the code to see whether a test notices.

The operators of cosmic-ray, one counterpart for each; all pairs of comparisons
and of arithmetic would be ten times as many and tell little more. One is ours:
a statement is left out.
"""

from collections import abc
import functools
import pathlib
import typing

from cosmic_ray import ast as cosmic_ast
from cosmic_ray import mutating
from cosmic_ray.operators import operator as operator_mod
from cosmic_ray import plugins
import parso
from parso import tree

_NAMES = (
    'AddNot', 'ExceptionReplacer', 'NumberReplacer', 'RemoveDecorator',
    'ReplaceAndWithOr', 'ReplaceOrWithAnd', 'ReplaceBreakWithContinue',
    'ReplaceContinueWithBreak', 'ReplaceFalseWithTrue',
    'ReplaceTrueWithFalse', 'ReplaceUnaryOperator_Delete_Not',
    'ReplaceUnaryOperator_Delete_USub', 'ZeroIterationForLoop',
) + tuple('ReplaceComparisonOperator_' + pair for pair in (
    'Eq_NotEq', 'NotEq_Eq', 'Is_IsNot', 'IsNot_Is', 'Lt_LtE', 'LtE_Lt',
    'Gt_GtE', 'GtE_Gt')
) + tuple('ReplaceBinaryOperator_' + pair for pair in (
    'Add_Sub', 'Sub_Add', 'Mul_Div', 'Div_Mul', 'FloorDiv_Div', 'Mod_Mul',
    'Pow_Mul', 'LShift_RShift', 'RShift_LShift', 'BitAnd_BitOr',
    'BitOr_BitAnd'))


class LeaveOutStatement(operator_mod.Operator):
    """A call, a raise, or an assignment to an attribute or an item."""

    def mutation_positions(
            self, node: tree.NodeOrLeaf,
    ) -> abc.Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        if node.type != 'simple_stmt':
            return
        statement = node.children[0]
        text = statement.get_code(include_prefix=False)
        if statement.type == 'raise_stmt' or text == 'raise':
            wanted = True
        elif statement.type in ('atom_expr', 'power'):
            # What is logged is for people.
            wanted = text.endswith(')') and not text.startswith('LOG.')
        elif statement.type == 'expr_stmt':
            wanted = (statement.children[0].type in ('atom_expr', 'power') and
                      len(statement.children) == 3)
        else:
            wanted = False
        if wanted:
            yield statement.start_pos, statement.end_pos

    def mutate(self, node: tree.Node, index: int) -> tree.Node:
        left_out = parso.parse('pass').children[0]
        left_out.prefix = node.children[0].get_first_leaf().prefix
        node.children[0] = left_out
        return node

    @classmethod
    def examples(cls) -> abc.Sequence[operator_mod.Example]:
        return (operator_mod.Example('do()\n', 'pass\n'),)


class Mutant(typing.NamedTuple):
    """One change of one module."""

    path: pathlib.Path
    #: Name of the operator, and which of its places in the module.
    operator: str
    occurrence: int
    line: int

    def source(self) -> str:
        """The module with the change."""
        source: str = mutating.mutate_code(
            self.path.read_text(), operators()[self.operator],
            self.occurrence)
        return source

    def describe(self) -> str:
        """Where it is, and the lines before and after."""
        before = self.path.read_text().splitlines()
        after = self.source().splitlines()
        first = next((number for number, pair in enumerate(zip(before, after))
                      if pair[0] != pair[1]), 0)
        # A decorator that is left out leaves its line.
        return '%s:%d %s\n  - %s\n  + %s\n' % (
            self.path, first + 1, self.operator, before[first].strip(),
            after[first].strip())


@functools.lru_cache(maxsize=None)
def operators() -> dict[str, operator_mod.Operator]:
    """All operators by their names."""
    found = {name: plugins.get_operator('core/' + name)() for name in _NAMES}
    found['LeaveOutStatement'] = LeaveOutStatement()
    return found


def find(path: pathlib.Path) -> list[Mutant]:
    """All mutants of a module that differ from it and can be parsed."""
    nodes = list(cosmic_ast.ast_nodes(
        cosmic_ast.get_ast(path.read_text())))
    mutants = []
    for name, operator in operators().items():
        places = [start for node in nodes
                  for start, _end in operator.mutation_positions(node)]
        mutants += [Mutant(path, name, occurrence, start[0])
                    for occurrence, start in enumerate(places)]
    return mutants
