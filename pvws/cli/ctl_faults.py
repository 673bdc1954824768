"""`pvws ctl fault` and `pvws ctl rule`: what a server does to its clients, and how it answers them."""

from typing import Annotated, Any

import typer

from pvws.answers import ActiveFault
from pvws.cli.answered import fault_text, faults_table, rules_table, value_text
from pvws.cli.steering import Told, WhichNodes, missing_lines, steer
from pvws.client.control.control import Control
from pvws.terminal.columns import columns
from pvws.terminal.lines import Line

__all__ = ["faults", "rules"]

faults = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
"""The commands of faults."""

rules = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
"""The commands of rules."""


@faults.callback()
def _fault() -> None:
    """Switch faults on and off: what networks do to clients."""


@rules.callback()
def _rule() -> None:
    """Answer what clients send."""


@faults.command("add")
def _add_fault(
    context: typer.Context,
    fault: Annotated[list[str], typer.Argument(metavar="FAULT", help="What and to whom, as in a scenario's timeline.")],
    nodes: WhichNodes = "here",
) -> None:
    """Switch a fault on.

    \b
    Examples:
      pvws ctl fault add 'latency: 200ms +- 50ms, topics: [alerts]'
      pvws ctl fault add 'drop: 5%, for: 30s'
      pvws ctl fault add 'close: 1013, client: mobile'
      pvws ctl fault add 'latency: 1s, name: slow' --nodes all
    """

    async def act(control: Control) -> Told:
        added = await control.faults.add(" ".join(fault), nodes=nodes)
        note = [] if added.note is None else [added.note]
        return Told(added, [f"{added.id}  {fault_text(added)}", *note, *_elsewhere(added)])

    steer(context.obj, act)


@faults.command("list")
def _list_faults(context: typer.Context, nodes: WhichNodes = "here") -> None:
    """List the faults that are on, and what each has done.

    \b
    Examples:
      pvws ctl fault list
      pvws ctl fault list --nodes all
    """

    async def act(control: Control) -> Told:
        found = await control.faults.list(nodes=nodes)
        return Told({"faults": found}, [*faults_table(found), *missing_lines(found.silent, found.refused)])

    steer(context.obj, act)


@faults.command("remove")
def _remove_fault(
    context: typer.Context,
    fault_id: Annotated[list[str], typer.Argument(metavar="ID...", help="Such as f1, or a name that it has.")],
    nodes: WhichNodes = "here",
) -> None:
    """Switch faults off.

    \b
    Examples:
      pvws ctl fault remove f1
      pvws ctl fault remove slow --nodes all
    """

    async def act(control: Control) -> Told:
        removed = [await control.faults.remove(each, nodes=nodes) for each in fault_id]
        return Told({"removed": fault_id}, [line for each in removed for line in _elsewhere(each)])

    steer(context.obj, act)


@faults.command("clear")
def _clear_faults(context: typer.Context, nodes: WhichNodes = "here") -> None:
    """Switch all faults off.

    \b
    Example:
      pvws ctl fault clear
    """

    async def act(control: Control) -> Told:
        gone = await control.faults.clear(nodes=nodes)
        return Told({"faults": []}, missing_lines(gone.silent, gone.refused))

    steer(context.obj, act)


def _elsewhere(fault: ActiveFault) -> list[str | Line]:
    """Where else it is, where all nodes were meant."""
    if (others := fault.elsewhere) is None:
        return []
    on: list[str | Line] = [f"  {each.node}: {each.id}  {fault_text(each)}" for each in others.faults]
    return [*on, *missing_lines(others.silent, others.refused)]


@faults.command("kinds")
def _kinds(context: typer.Context) -> None:
    """List what faults there are, and what says to whom they are done.

    \b
    Example:
      pvws ctl fault kinds
    """

    async def act(control: Control) -> Told:
        schema = await control.schema("fault")
        kinds = _kinds_of(schema)
        told = [_described(name, schema) for name in kinds]
        scope = [_described(name, schema) for name in schema.get("properties", {}) if name not in kinds]
        lines = [*columns(["fault", "for example", ""], told), [], *columns(["scope", "for example", ""], scope)]
        return Told(schema, lines)

    steer(context.obj, act)


def _kinds_of(schema: dict[str, Any]) -> list[str]:
    """The fields of which a fault has exactly one."""
    if "x-kinds" in schema:
        return list(schema["x-kinds"])
    return [name for each in schema.get("oneOf", ()) for name in each.get("required", ())]


def _described(name: str, schema: dict[str, Any]) -> list[str]:
    about = schema.get("properties", {}).get(name, {})
    examples = about.get("examples") or [""]
    example = examples[0] if isinstance(examples[0], str) else value_text(examples[0])
    return [name, example, about.get("description") or about.get("title") or ""]


@rules.command("add")
def _add_rule(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="RULE|@F", help="When and what, as in a scenario; @F is in a file.")],
    nodes: WhichNodes = "here",
) -> None:
    """Answer what clients send, from now on.

    \b
    Examples:
      pvws ctl rule add "when: {client: sends, match: type == 'ping'}, in: 2s, do: reply, type: late"
      pvws ctl rule add @rule.yaml
      pvws ctl rule add @rule.yaml --nodes all
    """

    async def act(control: Control) -> Told:
        added = await control.rules.add(_text(rule), nodes=nodes)
        return Told(added, [f"{added.id}  {value_text(added.rule)}"])

    steer(context.obj, act)


def _text(rule: str) -> str:
    from pvws.cli.files import read_file

    return read_file("RULE", rule[1:]) if rule.startswith("@") else rule


@rules.command("list")
def _list_rules(context: typer.Context, nodes: WhichNodes = "here") -> None:
    """List the rules that hold, and how often each has fired.

    \b
    Example:
      pvws ctl rule list
    """

    async def act(control: Control) -> Told:
        found = await control.rules.list(nodes=nodes)
        return Told({"rules": found}, rules_table(found))

    steer(context.obj, act)


@rules.command("remove")
def _remove_rule(
    context: typer.Context,
    rule_id: Annotated[list[str], typer.Argument(metavar="ID...", help="Such as r1.")],
    nodes: WhichNodes = "here",
) -> None:
    """Answer by these rules no more.

    \b
    Example:
      pvws ctl rule remove r1
    """

    async def act(control: Control) -> Told:
        for each in rule_id:
            await control.rules.remove(each, nodes=nodes)
        return Told({"removed": rule_id})

    steer(context.obj, act)
