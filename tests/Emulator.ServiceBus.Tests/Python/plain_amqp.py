"""qpid-proton (Debian's python3-qpid-proton) as a plain AMQP 1.0 client. Arguments: host and port of plain AMQP. Exits with 1 at the first wrong answer."""
import sys

from proton import ConnectionException, Disposition, Message, symbol
from proton.reactor import Filter
from proton.utils import BlockingConnection, LinkDetached, SendException

host, port = sys.argv[1:3]
SESSION = symbol("com.microsoft:session-filter")


def check(what, expected, came):
    if expected != came:
        sys.exit(f"{what}: expected {expected!r}, got {came!r}")
    print("ok", what)


def fails(what, condition, operation):
    try:
        operation()
    except LinkDetached as error:
        check(what, condition, error.condition)
    else:
        sys.exit(f"{what}: expected {condition}, got no error")


connection = BlockingConnection(f"amqp://{host}:{port}", timeout=20, user="RootManageSharedAccessKey", password="SAS_KEY_VALUE", allowed_mechs="PLAIN", sasl_enabled=True)
sender = connection.create_sender("q1")
check("accepted", Disposition.ACCEPTED, sender.send(Message(id="m1", subject="s", body="one", properties={"number": 1, "text": "x"})).remote_state)
for number in range(20):
    sender.send(Message(id=f"n{number}", body=number))
sender.send(Message(id="large", body=b"\x01" * 300_000, inferred=True))

receiver = connection.create_receiver("q1", credit=5)
first = receiver.receive(timeout=10)
check("message", ("m1", "s", "one", {"number": 1, "text": "x"}), (first.id, first.subject, first.body, first.properties))
check("annotations", (1, True), (first.annotations[symbol("x-opt-sequence-number")], symbol("x-opt-locked-until") in first.annotations))
receiver.accept()
check("in order", list(range(20)), [(receiver.receive(timeout=10).body, receiver.accept())[0] for _ in range(20)])
check("large body", 300_000, len(receiver.receive(timeout=10).body))
receiver.release(delivered=False)
check("released comes again", ("large", 0), (lambda message: (message.id, message.delivery_count))(receiver.receive(timeout=10)))
receiver.release(delivered=True)
check("failed delivery is counted", ("large", 1), (lambda message: (message.id, message.delivery_count))(receiver.receive(timeout=10)))
receiver.reject()
receiver.close()

letters = connection.create_receiver("q1/$DeadLetterQueue", credit=1)
check("rejected is a dead letter", "large", letters.receive(timeout=10).id)
letters.accept()
letters.close()

sessions = connection.create_sender("sq")
try:
    sessions.send(Message(body="no session"))
except SendException as error:
    check("a message without session id", Disposition.REJECTED, error.state)
else:
    sys.exit("a message without session id: expected a refusal, got none")
sessions.send(Message(body="in A", group_id="A"))
session = connection.create_receiver("sq", credit=1, options=Filter({SESSION: "A"}))
check("session", "in A", session.receive(timeout=10).body)
session.accept()
session.close()

fails("entity that is absent", "amqp:not-found", lambda: connection.create_sender("absent"))
fails("receiver on a topic", "amqp:not-allowed", lambda: connection.create_receiver("t1"))
connection.close()
