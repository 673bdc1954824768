"""The AsyncAPI 3.0 document of the API, made of the types that the server reads and writes. Pure.

A channel a profile: what the documentation promises, and what the shipped server does. Actions are the server's: it
receives what clients send, and sends events.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import json

from pvws.limits import MESSAGE_BYTES_MAX, MESSAGE_DEPTH_MAX
from pvws.timestamp import Timestamp
from pvws.wire.defaults import EXAMPLE_TIMESTAMP, default_payload
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import SENTENCES, ErrorCode
from pvws.wire.profiles import UPSTREAM
from pvws.wire.schemas import TIMESTAMP, payload_schemas
from pvws.wire.topics import TOPICS, Topic
from pvws.wire.upstream import upstream_text

__all__ = ["ASYNCAPI_ID", "asyncapi_document"]

ASYNCAPI_ID = "urn:pvws:asyncapi:1"
"""Names the document."""

_CLIENT_ID = "9f86d081884c7d659a2feaa0c55ad015"
_TOPIC_WORDS = {
    Topic.FILE_OPERATIONS: "Files come, go, change and are copied.",
    Topic.PEER_NETWORK: "Peers come, go and change; so does the network that they make.",
    Topic.SYSTEM: "Figures of the whole network, every so often.",
    Topic.ALERTS: "A figure has crossed its threshold, or is back.",
}
_CLOSE_CODES = {
    "documented": {
        1001: "the server shuts down",
        1002: "the client broke the protocol",
        1007: "a text frame was not UTF-8",
        1008: "authentication failed, or no pong in time",
        1009: f"a message of more than {MESSAGE_BYTES_MAX} bytes, summed over its fragments",
        1011: "the world that was played has failed",
        1013: "as many connections as there may be, or a client that reads too slowly",
    },
    "upstream": {
        1002: "the client broke the protocol",
        1005: "the client was more than 256 messages behind",
        1006: "no close frame: no pong in time, nothing taken for 10 s, or the server has ended",
        1009: "a message of more than 512 bytes, summed over its fragments",
    },
}


def asyncapi_document(version: str) -> dict[str, Any]:
    """The whole document, as JSON; `version` is that of the server it is told by."""
    schemas = _schemas()
    messages = _client_messages() | _server_messages() | _upstream_messages()
    documented = [*_client_messages(), *_server_messages()]
    upstream = ["subscribeByData", "unsubscribeByData", "ping", "pong", *(_broadcast(topic) for topic in TOPICS)]
    return {
        "asyncapi": "3.0.0",
        "id": ASYNCAPI_ID,
        "info": {
            "title": "The PeerVault WebSocket API",
            "version": version,
            "description": "Clients subscribe to topics and are sent events. One server speaks two profiles: what the "
            "documentation promises, and what the shipped server was observed to do. The version is that of the "
            "test-bed pvws, which serves both.",
            "license": {"name": "MIT"},
            "tags": [{"name": str(topic), "description": _TOPIC_WORDS[topic]} for topic in TOPICS],
        },
        "defaultContentType": "application/json",
        "servers": {
            "documented": _server("The server as it is documented.", secured=True),
            "upstream": _server("The server as it was shipped: it looks at no token.", secured=False),
        },
        "channels": {
            "documented": _channel(
                "documented",
                "What the documentation promises. One JSON object a message, in a text frame; more fields than are "
                f"named here may come. Of clients binary frames are read as well. Objects nest {MESSAGE_DEPTH_MAX} "
                "deep at most. Subscriptions are not acknowledged.",
                documented,
            ),
            "upstream": _channel(
                "upstream",
                "What the shipped server does. Messages that are queued when a write begins are joined by newlines "
                "into one, and cut into frames of 1,024 bytes. What it does not understand it drops in silence.",
                upstream,
            ),
        },
        "operations": _operations(),
        "components": {"schemas": schemas, "messages": messages, "securitySchemes": _SECURITY},
    }


_SECURITY: dict[str, Any] = {
    "queryToken": {
        "type": "httpApiKey",
        "name": "token",
        "in": "query",
        "description": "Judged first, if it is there. Needed only where the server has tokens.",
    },
    "bearerToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "Judged where no token is in the query. Without either, the first message must be `auth`.",
    },
}


def _server(title: str, *, secured: bool) -> dict[str, Any]:
    server: dict[str, Any] = {"host": "localhost:8083", "protocol": "ws", "title": title}
    if secured:
        server["security"] = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SECURITY]
    return server


def _channel(profile: str, description: str, messages: Sequence[str]) -> dict[str, Any]:
    return {
        "address": "/ws",
        "title": f"The WebSocket, profile {profile}",
        "description": description,
        "servers": [{"$ref": f"#/servers/{profile}"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"method": "GET", "query": _QUERY, "headers": _HEADERS, "bindingVersion": "0.1.0"}},
        "x-close-codes": {str(code): why for code, why in _CLOSE_CODES[profile].items()},
    }


_QUERY = {
    "type": "object",
    "properties": {
        "token": {"type": "string", "description": "Who comes."},
        "world": {
            "type": "string",
            "pattern": "^[A-Za-z0-9._-]{1,64}$",
            "description": "Of pvws: a network of one's own on the same server, instead of `main`.",
        },
        "client": {"type": "string", "description": "Of pvws: a name by which faults and expectations find it."},
    },
}
_HEADERS = {
    "type": "object",
    "properties": {
        "Authorization": {"type": "string", "pattern": "^Bearer ", "description": "Who comes."},
        "Origin": {"type": "string", "description": "Of a browser: one that the server does not allow is refused."},
    },
}


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    words = {
        "subscribe": "Every event of a topic, from now on. Twice is as good as once.",
        "unsubscribe": "No more events of a topic.",
        "auth": "A token, where none was presented in the handshake.",
        "connectionInit": "The same by another name.",
    }
    for name, summary in words.items():
        operations[name] = _operation("receive", "documented", summary, [name])
    operations["ping"] = _operation("receive", "documented", "Are you there? Not the control frame.", ["ping"])
    operations["ping"]["reply"] = _reply("documented", ["pong"])
    for topic in TOPICS:
        names = [_camel(name) for name, payload in EVENT_TYPES.items() if payload.topic == topic]
        operations[_camel(topic)] = _operation("send", "documented", _TOPIC_WORDS[topic], names)
    errors = "Something was refused; what became of the connection the code says."
    operations["error"] = _operation("send", "documented", errors, ["error"])
    for name in ("subscribe", "unsubscribe"):
        summary = words[name].replace("Twice is as good as once.", "").strip()
        operations[f"upstream{name.capitalize()}"] = _operation("receive", "upstream", summary, [f"{name}ByData"])
    operations["upstreamPing"] = _operation("receive", "upstream", "Are you there?", ["ping"])
    operations["upstreamPing"]["reply"] = _reply("upstream", ["pong"])
    for topic in TOPICS:
        name = f"upstream{_camel(topic)[0].upper()}{_camel(topic)[1:]}"
        operations[name] = _operation("send", "upstream", _TOPIC_WORDS[topic], [_broadcast(topic)])
    return operations


def _operation(action: str, profile: str, summary: str, messages: Sequence[str]) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{profile}"}, "summary": summary} | {
        "messages": [{"$ref": f"#/channels/{profile}/messages/{name}"} for name in messages]
    }


def _reply(profile: str, messages: Sequence[str]) -> dict[str, Any]:
    return {
        "channel": {"$ref": f"#/channels/{profile}"},
        "messages": [{"$ref": f"#/channels/{profile}/messages/{name}"} for name in messages],
    }


def _schemas() -> dict[str, Any]:
    _, definitions = payload_schemas("#/components/schemas/{name}")
    own = {
        "Topic": {"type": "string", "enum": [str(topic) for topic in TOPICS]},
        "Timestamp": TIMESTAMP | {"description": "RFC 3339; of the documented profile UTC with three decimals."},
        "ClientId": {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "One a connection."},
    }
    return own | dict(sorted(definitions.items()))


def _client_messages() -> dict[str, Any]:
    topic = {"$ref": "#/components/schemas/Topic"}
    token = {"type": "object", "properties": {"token": {"type": "string"}}, "required": ["token"]}
    example = {"topic": "file_operations"}
    return {
        "subscribe": _message("subscribe", "Subscribe to a topic", {"topic": topic}, example),
        "unsubscribe": _message("unsubscribe", "Unsubscribe from a topic", {"topic": topic}, example),
        "auth": _message("auth", "Present a token", {"data": token}, {"data": {"token": "your_token"}}),
        "connectionInit": _message(
            "connection_init", "Present a token", {"data": token}, {"data": {"token": "your_token"}}
        ),
        "ping": _message("ping", "Ask for a pong", {}, {}),
    }


def _server_messages() -> dict[str, Any]:
    stamped = {"timestamp": {"$ref": "#/components/schemas/Timestamp"}}
    client = {"clientId": {"$ref": "#/components/schemas/ClientId"}}
    told = {"timestamp": EXAMPLE_TIMESTAMP, "clientId": _CLIENT_ID}
    data = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "enum": [str(code) for code in ErrorCode]},
            "message": {"type": "string", "description": "The code's sentence, and behind it what was wrong."},
            "retryAfter": {"type": "integer", "minimum": 0, "description": "Seconds, of a rate limit alone."},
        },
        "required": ["code", "message"],
    }
    examples: list[dict[str, Any]] = []
    for code in ErrorCode:
        said: dict[str, Any] = {"code": str(code), "message": SENTENCES[code]}
        if code is ErrorCode.RATE_LIMIT_EXCEEDED:
            said["retryAfter"] = 60
        examples.append({"data": said} | told)
    messages = {
        "pong": _message("pong", "The answer to a ping", stamped | client, told),
        "error": _message("error", "Something was refused", {"data": data} | stamped | client, *examples),
    }
    references, _ = payload_schemas("#/components/schemas/{name}")
    for name, payload in EVENT_TYPES.items():
        keys = {"topic": {"const": str(payload.topic)}, "data": references[name]} | stamped
        example = {"topic": str(payload.topic), "data": default_payload(name), "timestamp": EXAMPLE_TIMESTAMP}
        title = (payload.__doc__ or "").split(".")[0].strip()
        messages[_camel(name)] = _message(name, title, keys, example, tag=payload.topic)
    return messages


def _upstream_messages() -> dict[str, Any]:
    topic = {"$ref": "#/components/schemas/Topic"}
    messages = {
        f"{name}ByData": _message(
            name, f"{name.capitalize()}, as the shipped server wants it", {"data": topic}, example
        )
        for name in ("subscribe", "unsubscribe")
        for example in [{"data": "file_operations"}]
    }
    references, _ = payload_schemas("#/components/schemas/{name}")
    for each in TOPICS:
        types = [name for name, payload in EVENT_TYPES.items() if payload.topic is each]
        keys = {
            "topic": {"const": str(each)},
            "data": {"anyOf": [references[name] for name in types]},
            "timestamp": {"$ref": "#/components/schemas/Timestamp"},
        }
        examples = [_as_upstream(name) for name in types]
        messages[_broadcast(each)] = _message(
            "broadcast", f"An event of {each}, whose type stands nowhere", keys, *examples, tag=each
        )
    return messages


def _as_upstream(name: str) -> dict[str, Any]:
    """An example as the shipped server sends it, but for its type."""
    at = Timestamp.parse(EXAMPLE_TIMESTAMP).micros
    event = {"type": name, "topic": str(EVENT_TYPES[name].topic), "data": default_payload(name)}
    text = json.encode(event | {"timestamp": EXAMPLE_TIMESTAMP})
    sent: dict[str, Any] = json.decode(upstream_text(text, 7, UPSTREAM, at=at))
    del sent["type"]
    return sent


def _message(
    word: str, title: str, keys: Mapping[str, Any], *examples: Mapping[str, Any], tag: str | None = None
) -> dict[str, Any]:
    """A message whose type is a word, with keys beside it that are all needed but `clientId`."""
    payload = {
        "type": "object",
        "properties": {"type": {"const": word}} | dict(keys),
        "required": ["type", *(key for key in keys if key != "clientId")],
    }
    message: dict[str, Any] = {"name": word, "title": title, "contentType": "application/json", "payload": payload}
    if tag is not None:
        message["tags"] = [{"name": str(tag)}]
    message["examples"] = [{"payload": {"type": word} | dict(example)} for example in examples]
    return message


def _broadcast(topic: Topic) -> str:
    name = _camel(topic)
    return f"broadcast{name[0].upper()}{name[1:]}"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)
