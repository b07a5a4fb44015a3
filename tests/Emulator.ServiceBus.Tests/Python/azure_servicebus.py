"""The older official Python SDK (Debian's python3-azure: azure-servicebus 7.8 on uamqp), unmodified, over TLS and WebSockets.

Arguments: admin port, certificate file. Exits with 1 at the first wrong answer.
"""
import datetime
import sys

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusClient, ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.exceptions import MessageSizeExceededError, OperationTimeoutError, ServiceBusError, SessionCannotBeLockedError
from azure.servicebus.management import CorrelationRuleFilter, ServiceBusAdministrationClient

port, certificate = sys.argv[1:3]
KEY = "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE"


def check(what, expected, came):
    if expected != came:
        sys.exit(f"{what}: expected {expected!r}, got {came!r}")
    print("ok", what)


def fails(what, kind, operation):
    try:
        operation()
    except kind as error:
        print("ok", what, type(error).__name__)
    else:
        sys.exit(f"{what}: expected {kind.__name__}, got no error")


admin = ServiceBusAdministrationClient.from_connection_string(f"Endpoint=sb://localhost:{port};{KEY}", connection_verify=certificate, retry_total=0)
admin.create_queue("python", lock_duration=datetime.timedelta(seconds=30), max_delivery_count=3)
admin.create_queue("python-sessions", requires_session=True)
admin.create_topic("python-topic")
admin.create_subscription("python-topic", "all")
admin.create_subscription("python-topic", "some")
admin.delete_rule("python-topic", "some", "$Default")
admin.create_rule("python-topic", "some", "kind", filter=CorrelationRuleFilter(properties={"kind": "b", "size": 2}))
check("queue read back", (datetime.timedelta(seconds=30), 3), (admin.get_queue("python").lock_duration, admin.get_queue("python").max_delivery_count))
check("queues listed", ["python", "python-sessions"], [queue.name for queue in admin.list_queues() if queue.name.startswith("python")])
check("rules listed", [("kind", "b", 2)], [(rule.name, rule.filter.properties["kind"], rule.filter.properties["size"]) for rule in admin.list_rules("python-topic", "some")])
fails("queue that exists", ResourceExistsError, lambda: admin.create_queue("python"))
fails("queue that is absent", ResourceNotFoundError, lambda: admin.get_queue("absent"))

client = ServiceBusClient.from_connection_string(
    f"Endpoint=sb://localhost;{KEY}", custom_endpoint_address=f"sb://localhost:{port}", connection_verify=certificate, retry_total=0)
with client:
    with client.get_queue_sender("python") as sender, client.get_queue_receiver("python", max_wait_time=10) as receiver:
        sender.send_messages(ServiceBusMessage("one", message_id="m1", subject="s", application_properties={"number": 1, "text": "x", "flag": True}))
        batch = sender.create_message_batch()
        for text in ("two", "three", "four"):
            batch.add_message(ServiceBusMessage(text))
        sender.send_messages(batch)
        sender.send_messages(ServiceBusMessage(b"\x01" * 300_000))
        messages = []
        while len(messages) < 5:
            messages += receiver.receive_messages(max_message_count=5 - len(messages), max_wait_time=10)
        one, two, three, four, large = messages
        check("message", ("one", "m1", "s", {b"number": 1, b"text": b"x", b"flag": True}), (str(one), one.message_id, one.subject, one.application_properties))
        check("large body", 300_000, len(b"".join(large.body)))
        receiver.renew_message_lock(one)
        receiver.complete_message(one)
        receiver.complete_message(large)
        receiver.abandon_message(two)
        receiver.defer_message(three)
        receiver.dead_letter_message(four, reason="why", error_description="because")
        (again,) = receiver.receive_messages(max_message_count=1, max_wait_time=10)
        check("abandoned comes again", ("two", 1), (str(again), again.delivery_count))
        receiver.complete_message(again)
        (deferred,) = receiver.receive_deferred_messages(three.sequence_number)
        check("deferred", "three", str(deferred))
        receiver.complete_message(deferred)
        later = datetime.datetime.utcnow() + datetime.timedelta(hours=1)
        numbers = sender.schedule_messages([ServiceBusMessage("later"), ServiceBusMessage("later still")], later)
        check("scheduled, peeked", ["later", "later still"], [str(message) for message in receiver.peek_messages(max_message_count=5)])
        sender.cancel_scheduled_messages(numbers)
        check("nothing left", [], receiver.receive_messages(max_message_count=1, max_wait_time=1))
        fails("too large", (MessageSizeExceededError, ServiceBusError), lambda: sender.send_messages(ServiceBusMessage(b"\x01" * 1_200_000)))
    with client.get_queue_receiver("python", sub_queue=ServiceBusSubQueue.DEAD_LETTER, max_wait_time=10) as receiver:
        (letter,) = receiver.receive_messages(max_message_count=1, max_wait_time=10)
        check("dead letter", ("four", "why", "because"), (str(letter), letter.dead_letter_reason, letter.dead_letter_error_description))
        receiver.complete_message(letter)
    with client.get_queue_sender("python-sessions") as sender:
        sender.send_messages([ServiceBusMessage("a1", session_id="A"), ServiceBusMessage("a2", session_id="A")])
    with client.get_queue_receiver("python-sessions", session_id=NEXT_AVAILABLE_SESSION, max_wait_time=10) as receiver:
        check("next session", "A", receiver.session.session_id)
        receiver.session.set_state(b"at 1")
        check("session state", b"at 1", receiver.session.get_state())
        receiver.session.renew_lock()
        got = []
        while len(got) < 2:
            for message in receiver.receive_messages(max_message_count=2, max_wait_time=10):
                got.append(str(message))
                receiver.complete_message(message)
        check("session in order", ["a1", "a2"], got)
        other = client.get_queue_receiver("python-sessions", session_id="A", max_wait_time=5)
        fails("session of another", (SessionCannotBeLockedError, ServiceBusError), other.__enter__)
    with client.get_topic_sender("python-topic") as sender:
        sender.send_messages([ServiceBusMessage("a", application_properties={"kind": "a"}), ServiceBusMessage("b", application_properties={"kind": "b", "size": 2})])
    for subscription, expected in (("all", ["a", "b"]), ("some", ["b"])):
        with client.get_subscription_receiver("python-topic", subscription, max_wait_time=10) as receiver:
            got = []
            while len(got) < len(expected):
                for message in receiver.receive_messages(max_message_count=2, max_wait_time=10):
                    got.append(str(message))
                    receiver.complete_message(message)
            check(f"subscription {subscription}", expected, got)

runtime = admin.get_queue_runtime_properties("python")
check("counts", (0, 0, 0), (runtime.active_message_count, runtime.dead_letter_message_count, runtime.total_message_count))
admin.delete_queue("python")
admin.delete_queue("python-sessions")
admin.delete_topic("python-topic")
