"""A client of the Pub/Sub API on grpcio and Avro's own Python package, with nothing of rxforce's.

Reads its configuration from standard input, as JSON: `endpoint`, `ca`, `descriptors` (the contract's
FileDescriptorProtos, in base64), and either `session` (accessToken, instanceUrl, tenantId) or `login` (url, username,
password). Takes one command and its arguments, and prints what comes of it as lines of JSON.
"""

import base64
import io
import json
import queue
import sys
import urllib.request
import xml.etree.ElementTree as xml

import avro.io
import avro.schema
import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "/eventbus.v1.PubSub/"
TIMEOUT_S = 30


def log_in(login):
    """Logs in by SOAP, and gives access token, instance URL and org id, each by its place in the answer.

    Salesforce's own sample looks at places and not at names, and so the order matters.
    """
    envelope = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com">'
        "<soapenv:Body><urn:login>"
        f"<urn:username><![CDATA[{login['username']}]]></urn:username>"
        f"<urn:password><![CDATA[{login['password']}]]></urn:password>"
        "</urn:login></soapenv:Body></soapenv:Envelope>"
    )
    request = urllib.request.Request(
        login["url"] + "/services/Soap/u/59.0/",
        data=envelope.encode("utf-8"),
        headers={"content-type": "text/xml", "SOAPAction": "Login"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        body = xml.fromstring(answer.read())[0]

    result = body[0][0]
    server_url, session_id, user_info = result[3].text, result[4].text, result[6]
    return {
        "accessToken": session_id,
        "instanceUrl": server_url[: server_url.index("/services/")],
        "tenantId": user_info[8].text,
    }


class Contract:
    """The messages, built from descriptors."""

    def __init__(self, descriptors):
        self._pool = descriptor_pool.DescriptorPool()
        for encoded in descriptors:
            self._pool.Add(descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(encoded)))

    def __getattr__(self, name):
        descriptor = self._pool.FindMessageTypeByName("eventbus.v1." + name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(self._pool).GetPrototype(descriptor)


class Client:
    def __init__(self, configuration):
        session = configuration.get("session") or log_in(configuration["login"])
        self.metadata = (
            ("accesstoken", session["accessToken"]),
            ("instanceurl", session["instanceUrl"]),
            ("tenantid", session["tenantId"]),
        )
        self.contract = Contract(configuration["descriptors"])
        credentials = grpc.ssl_channel_credentials(configuration["ca"].encode("utf-8"))
        self._channel = grpc.secure_channel(configuration["endpoint"], credentials)
        self._schemas = {}

    def unary(self, method, request, response_class):
        call = self._channel.unary_unary(
            SERVICE + method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=response_class.FromString,
        )
        return call(request, metadata=self.metadata, timeout=TIMEOUT_S)

    def stream(self, method, request_class, response_class, requests):
        call = self._channel.stream_stream(
            SERVICE + method,
            request_serializer=request_class.SerializeToString,
            response_deserializer=response_class.FromString,
        )
        return call(iter(requests.get, None), metadata=self.metadata, timeout=TIMEOUT_S)

    def topic(self, name):
        contract = self.contract
        return self.unary("GetTopic", contract.TopicRequest(topic_name=name), contract.TopicInfo)

    def schema(self, schema_id):
        if schema_id not in self._schemas:
            contract = self.contract
            info = self.unary("GetSchema", contract.SchemaRequest(schema_id=schema_id), contract.SchemaInfo)
            self._schemas[schema_id] = avro.schema.parse(info.schema_json)
        return self._schemas[schema_id]

    def decode(self, event):
        decoder = avro.io.BinaryDecoder(io.BytesIO(event.payload))
        return avro.io.DatumReader(self.schema(event.schema_id)).read(decoder)

    def encode(self, topic, numbers):
        """Makes events of order numbers, whose ids are the numbers."""
        schema_id = self.topic(topic).schema_id
        writer = avro.io.DatumWriter(self.schema(schema_id))
        empty = {field.name: None for field in self.schema(schema_id).fields}
        events = []
        for number in numbers:
            payload = io.BytesIO()
            event = {**empty, "CreatedDate": 1700000000000, "CreatedById": "005Hs0000000001AAA"}
            writer.write({**event, "Order_Number__c": number, "Amount__c": 12.5}, avro.io.BinaryEncoder(payload))
            events.append({"id": number, "schema_id": schema_id, "payload": payload.getvalue()})
        return events


def say(value):
    print(json.dumps(value), flush=True)


def say_events(client, response):
    for consumed in response.events:
        payload = client.decode(consumed.event)
        say({"id": consumed.event.id, "replayId": consumed.replay_id.hex(), "payload": payload})


def subscribe(client, topic, preset, count, replay_id=""):
    """Receives so many events, two at a time, and then ends its side."""
    contract = client.contract
    requests = queue.Queue()
    requests.put(
        contract.FetchRequest(
            topic_name=topic, replay_preset=preset, replay_id=bytes.fromhex(replay_id), num_requested=2
        )
    )
    received = 0
    for response in client.stream("Subscribe", contract.FetchRequest, contract.FetchResponse, requests):
        say_events(client, response)
        received += len(response.events)
        if received >= int(count):
            requests.put(None)
        elif response.pending_num_requested == 0:
            requests.put(contract.FetchRequest(topic_name=topic, num_requested=2))


def say_results(response):
    for result in response.results:
        error = result.error.msg if result.HasField("error") else None
        say({"id": result.correlation_key, "replayId": result.replay_id.hex(), "error": error})


def publish(client, topic, *numbers):
    contract = client.contract
    request = contract.PublishRequest(topic_name=topic, events=client.encode(topic, numbers))
    say_results(client.unary("Publish", request, contract.PublishResponse))


def publish_stream(client, topic, *numbers):
    """Publishes each event by a request of its own, and sends the next one when the last one was answered."""
    contract = client.contract
    waiting = client.encode(topic, numbers)
    requests = queue.Queue()

    def send():
        event = waiting.pop(0) if waiting else None
        requests.put(event and contract.PublishRequest(topic_name=topic, events=[event]))

    send()
    for response in client.stream("PublishStream", contract.PublishRequest, contract.PublishResponse, requests):
        say_results(response)
        send()


def managed(client, name, count):
    """Receives so many events of a managed subscription, commits the last one, and ends its side when that is answered."""
    contract = client.contract
    requests = queue.Queue()
    requests.put(contract.ManagedFetchRequest(developer_name=name, num_requested=int(count)))
    received = 0
    stream = client.stream("ManagedSubscribe", contract.ManagedFetchRequest, contract.ManagedFetchResponse, requests)
    for response in stream:
        say_events(client, response)
        received += len(response.events)
        if response.HasField("commit_response"):
            commit = response.commit_response
            error = commit.error.msg if commit.HasField("error") else None
            say({"committed": commit.commit_request_id, "replayId": commit.replay_id.hex(), "error": error})
            requests.put(None)
        elif received >= int(count):
            commit = contract.CommitReplayRequest(commit_request_id="last", replay_id=response.latest_replay_id)
            requests.put(contract.ManagedFetchRequest(commit_replay_id_request=commit))


COMMANDS = {"subscribe": subscribe, "publish": publish, "publish-stream": publish_stream, "managed": managed}


def main():
    client = Client(json.load(sys.stdin))
    try:
        COMMANDS[sys.argv[1]](client, *sys.argv[2:])
    except grpc.RpcError as error:
        trailers = {key: value for key, value in error.trailing_metadata() or ()}
        say({"status": error.code().name, "errorCode": trailers.get("error-code")})


main()
