"""Names, settings, expressions and hops at both edges, by the official client for Python, which checks none of them itself.

Arguments: admin port, certificate file, rows as JSON. Exits with 1 at the first wrong answer.
"""
import json
import re
import sys

from azure.core.exceptions import HttpResponseError
from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.management import ServiceBusAdministrationClient, SqlRuleAction, SqlRuleFilter

port, certificate, rows = sys.argv[1:]
KEY = "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE"
admin = ServiceBusAdministrationClient.from_connection_string(
    f"Endpoint=sb://localhost:{port};{KEY}", connection_verify=certificate, retry_total=0)


def refused(what, operation):
    try:
        operation()
    except HttpResponseError as error:
        assert error.status_code == 400 and "xpected" in str(error), f"{what}: {error}"
        return
    raise SystemExit(f"{what}: taken")


def text(length):
    return "x" * length


for name in ("ends-", "ends_", "ends.", "ti~lde", "a/b", text(260)):
    made = admin.create_queue(name)
    assert (made.name, made.max_message_size_in_kilobytes) == (name, 256), made.name
    admin.delete_queue(name)
for name in ("-starts", "~starts", "sp ace", "st*ar", text(261)):
    refused(name, lambda: admin.create_queue(name))
admin.create_topic("names")
for name in ("s_", "s.", "s~", text(50)):
    assert admin.create_subscription("names", name).name == name
    assert admin.create_rule("names", name, name, filter=SqlRuleFilter("1 = 1")).name == name
    assert admin.get_rule("names", name, name).filter.sql_expression == "1 = 1"
for name in ("_s", text(51)):
    refused(name, lambda: admin.create_subscription("names", name))
    refused(name, lambda: admin.create_rule("names", "s_", name, filter=SqlRuleFilter("a = 1")))
print("ok names")

for row in json.loads(rows):
    member = re.sub("(?<!^)([A-Z])", r"_\1", row["Member"]).lower()
    taken, beyond = (int(value) if value.isdigit() else value for value in (row["Taken"], row["Refused"]))
    admin.create_queue("setting", **{member: taken})
    admin.delete_queue("setting")
    refused(row["Member"], lambda: admin.create_queue("setting", **{member: beyond}))
    print("ok", row["Member"], row["Taken"][:20])


def sql(length):
    return SqlRuleFilter("a = '" + text(length - len("a = ''")) + "'")


def nested(levels):
    return SqlRuleFilter("(" * levels + "1=1" + ")" * levels)


def action(statements):
    return SqlRuleAction("SET a=1;" * statements)


for what, taken, beyond in (
        ("characters", {"filter": sql(1024)}, {"filter": sql(1025)}),
        ("levels", {"filter": nested(32)}, {"filter": nested(33)}),
        ("statements", {"filter": sql(10), "action": action(32)}, {"filter": sql(10), "action": action(33)})):
    admin.create_rule("names", "s_", what, **taken)
    refused(what, lambda: admin.create_rule("names", "s_", what + "-more", **beyond))
    print("ok sql", what)

# From hop1 to hop5 are four hops, from hop0 five.
for hop in range(5, -1, -1):
    admin.create_queue(f"hop{hop}", **({"forward_to": f"hop{hop + 1}"} if hop < 5 else {}))
client = ServiceBusClient.from_connection_string(
    f"Endpoint=sb://localhost;{KEY}", custom_endpoint_address=f"sb://localhost:{port}", connection_verify=certificate, retry_total=0)
with client:
    for queue, body in (("hop1", "four"), ("hop0", "five")):
        with client.get_queue_sender(queue) as sender:
            sender.send_messages(ServiceBusMessage(body))
    with client.get_queue_receiver("hop5", max_wait_time=60) as receiver:
        assert [str(message) for message in receiver.receive_messages(1)] == ["four"]
    with client.get_queue_receiver("hop4", sub_queue=ServiceBusSubQueue.DEAD_LETTER, max_wait_time=60) as receiver:
        (letter,) = receiver.receive_messages(1)
        assert (str(letter), letter.dead_letter_reason) == ("five", "MaxTransferHopCountExceeded"), letter
print("every limit holds")
