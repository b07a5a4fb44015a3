"""The limits of one message at both edges, by the official client for Python. Arguments: admin port, certificate file, exits with 1 at the first wrong answer."""
import datetime
import sys

from azure.servicebus import ServiceBusClient, ServiceBusMessage
from azure.servicebus.exceptions import MessageSizeExceededError, ServiceBusError

port, certificate = sys.argv[1:]
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
print("every limit holds")
