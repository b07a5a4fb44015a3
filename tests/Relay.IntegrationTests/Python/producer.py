# A queue producer: seals a text, has every mediator sign its head, and puts the envelope on the queue, by plain AMQP 1.0.
#   python3 producer.py <folder> <sequence> <text>      in the folder: bus.txt, document.json, identity.jwk, mediators.json (private JWKs)
import hashlib, json, math, os, pathlib, sys, time
from jwcrypto import jwe, jwk, jws
from jwcrypto.common import base64url_encode
from proton import Message
from proton.utils import BlockingConnection

folder, sequence, said = sys.argv[1:4]
read = lambda name: pathlib.Path(folder, name).read_text("utf8")
sha256 = lambda data: base64url_encode(hashlib.sha256(data).digest())
sized = lambda data: len(data).to_bytes(4, "big") + data
document, identity = json.loads(read("document.json")), json.loads(read("identity.jwk"))
sender = identity["kid"].split("#")[0]
to = [name for name in document["delegations"] if name != sender]
id = f"{document['negotiation']}/{sender}/normal/{sequence}"

# What is said, signed by the sender; the commitment ties the ciphertext to this one text.
statement = jws.JWS(said.encode())
header = {"alg": "ES256", "kid": identity["kid"], "typ": "relay-statement", "cty": "text/plain", "jti": id, "aud": to}
statement.add_signature(jwk.JWK(**identity), protected=json.dumps(header))
protected, _, signature = statement.serialize(compact=True).split(".")
opening, signed = os.urandom(32), f"{protected}..{signature}".encode()
com = sha256(b"".join(map(sized, [b"relay-com/v1", id.encode(), opening, signed, said.encode()])))
parts = opening + sized(signed) + sized(said.encode())
exponent = len(parts).bit_length() - 1
step = 2 ** (exponent - int(math.log2(exponent)) - 1)
padded = parts.ljust(math.ceil(len(parts) / step) * step, b"\0")  # Padmé

# Sealed to each addressee's key; one of them alone is written as the general form writes many.
sealed = jwe.JWE(padded, protected=json.dumps({"enc": "A256GCM", "com": com}), aad=id.encode())
for name in to:
    key = document["delegations"][name]["encryptionKeys"][0]
    sealed.add_recipient(jwk.JWK(**key), json.dumps({"alg": "ECDH-ES+A256KW", "kid": key["kid"]}))
written = json.loads(sealed.serialize())
if "recipients" not in written:
    written["recipients"] = [{part: written.pop(part) for part in ("header", "encrypted_key")}]
content = json.dumps(written).encode()

# The head that mediators sign. A later sequence names the digest (SHA-256 of the head) of the one before as "prev".
now = int(time.time())
head = json.dumps({"jti": id, "aud": to, "iat": now, "exp": now + 3600, "content": sha256(content)}).encode()
signatures = []
for key in json.loads(read("mediators.json")):
    one = jws.JWS(head)
    one.add_signature(jwk.JWK(**key), protected=json.dumps({"alg": "ES256", "kid": key["kid"], "typ": "relay-envelope"}))
    signatures.append({part: json.loads(one.serialize())[part] for part in ("protected", "signature")})
envelope = {"payload": base64url_encode(head), "signatures": signatures, "content": base64url_encode(content)}

bus = dict(part.split("=", 1) for part in read("bus.txt").strip().split(";") if part)
address = bus["Endpoint"].replace("sb:", "amqp:" if bus.get("UseDevelopmentEmulator") == "true" else "amqps:").rstrip("/")
connection = BlockingConnection(address, user=bus["SharedAccessKeyName"], password=bus["SharedAccessKey"], allowed_mechs="PLAIN")
message = Message(json.dumps(envelope).encode(), inferred=True, content_type="application/vnd.relay.envelope+jose+json", id=sha256(head))
connection.create_sender("envelopes").send(message)
connection.close()
print(id)
