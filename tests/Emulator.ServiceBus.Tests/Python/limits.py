"""The limits of one message at both edges, by the official client for Python, which checks ids itself.

Arguments: admin port, certificate file. Exits with 1 at the first wrong answer.
"""
import datetime
import sys

from azure.servicebus import ServiceBusClient, ServiceBusMessage
from azure.servicebus.exceptions import MessageSizeExceededError, ServiceBusError

port, certificate = sys.argv[1:3]
KEY = "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE"


def refused(name, message, kind=Exception):
    try:
        sender.send_messages(message())
    except kind as error:
        # Some ids it checks itself.
        assert "Expected" in str(error) or isinstance(error, ValueError), f"{name}: {error}"
        print(f"ok {name} refused")
        return
    raise SystemExit(f"{name}: taken")


def text(length):
    return "x" * length


ROWS = {
    "message id": (128, lambda size: ServiceBusMessage("b", message_id=text(size))),
    "session id": (128, lambda size: ServiceBusMessage("b", session_id=text(size))),
    "reply session id": (128, lambda size: ServiceBusMessage("b", reply_to_session_id=text(size))),
    "partition key": (128, lambda size: ServiceBusMessage("b", partition_key=text(size))),
    "property": (32768, lambda size: ServiceBusMessage("b", application_properties={"p": text(size)})),
    "subject": (32768, lambda size: ServiceBusMessage("b", subject=text(size))),
}

client = ServiceBusClient.from_connection_string(
    f"Endpoint=sb://localhost;{KEY}", custom_endpoint_address=f"sb://localhost:{port}", connection_verify=certificate, retry_total=0)
with client:
    sender = client.get_queue_sender("q1")
    with sender:
        for name, (most, row) in ROWS.items():
            sender.send_messages(row(most))
            refused(name, lambda: row(most + 1))
            later = datetime.datetime.utcnow() + datetime.timedelta(hours=1)
            sender.cancel_scheduled_messages(sender.schedule_messages(row(most), later))
        refused("all properties", lambda: ServiceBusMessage("b", application_properties={"a": text(20000), "b": text(20000), "c": text(26000)}), ServiceBusError)
        sender.send_messages(ServiceBusMessage("b", application_properties={"a": text(20000), "b": text(20000), "c": text(25000)}))
        sender.send_messages(ServiceBusMessage(b"\x01" * (262144 - 200)))
        refused("message", lambda: ServiceBusMessage(b"\x01" * 262144), (MessageSizeExceededError, ServiceBusError))
        refused("partition key beside a session id", lambda: ServiceBusMessage("b", session_id="s", partition_key="other"), ValueError)
        sender.send_messages(ServiceBusMessage("b", session_id="s", partition_key="s"))

    with client.get_queue_receiver("sq", session_id=text(128)):
        pass
    try:
        client.get_queue_receiver("sq", session_id=text(129)).__enter__()
    except ServiceBusError as error:
        assert "Expected" in str(error), error
    else:
        raise SystemExit("session of 129 characters: accepted")

    # What a settlement adds: too large by itself, or together with what the message has. This client's receiver ends with a refusal.
    with client.get_queue_sender("q2") as sender:
        sender.send_messages([ROWS["property"][1](32768) for _ in range(3)])
    for size, kept in ((32769, 3), (32768, 3), (31000, 2)):
        with client.get_queue_receiver("q2", max_wait_time=60) as receiver:
            (message,) = receiver.receive_messages(1)
            try:
                receiver.dead_letter_message(message, reason="why", error_description=text(size))
                assert kept == 2, f"dead letter with {size} characters more: taken"
            except ServiceBusError as error:
                assert kept == 3 and "Expected" in str(error), error
        with client.get_queue_receiver("q2") as receiver:
            assert len(receiver.peek_messages(9)) == kept
        print("ok dead letter with", size)
print("every limit holds")
