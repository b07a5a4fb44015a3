using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.State;

/// <summary>Protocol headers and SASL, up to the AMQP header. Called by the connection, on the read loop.</summary>
internal sealed class Handshake(AmqpConnection connection, bool isServer)
{
    public const int HeaderLength = 8;
    private const byte AmqpId = 0;
    private const byte SaslId = 3;

    private Step _step = Step.Header;
    private bool _saslDone;

    private enum Step
    {
        Header,
        Sasl,
        Done,
    }

    /// <summary>True when the next bytes are a protocol header.</summary>
    public bool ExpectsHeader => _step == Step.Header;

    public bool ExpectsSasl => _step == Step.Sasl;

    public bool IsDone => _step == Step.Done;

    /// <summary>The client's first bytes.</summary>
    public void Start()
    {
        if (!isServer)
        {
            lock (connection.Gate)
            {
                connection.Output.WriteProtocolHeader(SaslId);
                connection.Output.Wake();
            }
        }
    }

    /// <summary>Takes an 8-byte protocol header; a wrong one is answered with the one wanted, and ends the connection.</summary>
    public void OnHeader(ReadOnlySpan<byte> header)
    {
        var known = header[..4].SequenceEqual("AMQP"u8) && header[5] == 1 && header[6] == 0 && header[7] == 0;
        var id = header[4];
        if (!known || (id != AmqpId && (id != SaslId || _saslDone)) || (id == AmqpId && !_saslDone && !isServer))
        {
            Reject(header);
            return;
        }

        lock (connection.Gate)
        {
            if (id == SaslId)
            {
                _step = Step.Sasl;
                if (isServer)
                {
                    connection.Output.WriteProtocolHeader(SaslId);
                    var writer = connection.Output.Begin(FrameWriter.SaslType, 0, out var start);
                    new SaslMechanisms([.. connection.Options.SaslMechanisms]).Write(writer);
                    connection.Output.End(start);
                }
            }
            else
            {
                _step = Step.Done;
                if (isServer)
                {
                    connection.Output.WriteProtocolHeader(AmqpId);
                }
            }
        }
    }

    /// <summary>Takes a SASL frame.</summary>
    public void OnFrame(ulong descriptor, ref AmqpReader reader)
    {
        switch (descriptor)
        {
            case Descriptor.SaslInit when isServer && !_saslDone:
                OnInit(ref reader);
                break;
            case Descriptor.SaslMechanisms when !isServer && !_saslDone:
                OnMechanisms(ref reader);
                break;
            case Descriptor.SaslOutcome when !isServer && !_saslDone:
                OnOutcome(ref reader);
                break;
            default:
                connection.Drop(new AmqpError(AmqpCondition.NotAllowed, $"SASL frame 0x{descriptor:x} was not expected here."));
                break;
        }
    }

    private void OnInit(ref AmqpReader reader)
    {
        if (!SaslInit.TryRead(ref reader, out var init))
        {
            connection.Drop(new AmqpError(AmqpCondition.DecodeError, "The sasl-init cannot be decoded."));
            return;
        }

        var offered = false;
        foreach (var mechanism in connection.Options.SaslMechanisms)
        {
            offered |= mechanism.Value == init!.Mechanism;
        }

        connection.Sasl = init;
        var code = offered ? connection.Handler.OnSasl(connection, init!) : SaslCode.Auth;
        lock (connection.Gate)
        {
            var writer = connection.Output.Begin(FrameWriter.SaslType, 0, out var start);
            new SaslOutcome(code).Write(writer);
            connection.Output.End(start);
            _saslDone = code == SaslCode.Ok;
            _step = Step.Header;
        }

        if (code != SaslCode.Ok)
        {
            connection.Drop(
                new AmqpError(AmqpCondition.UnauthorizedAccess, $"SASL {(offered ? "was refused" : "mechanism was not offered")}."));
        }
    }

    private void OnMechanisms(ref AmqpReader reader)
    {
        if (!SaslMechanisms.TryRead(ref reader, out var offer))
        {
            connection.Drop(new AmqpError(AmqpCondition.DecodeError, "The sasl-mechanisms cannot be decoded."));
            return;
        }

        foreach (var mechanism in connection.Options.SaslMechanisms)
        {
            if (!Array.Exists(offer.Mechanisms, offered => offered == mechanism)
                || (mechanism.Value == "PLAIN" && connection.PlainResponse is null))
            {
                continue;
            }

            ReadOnlyMemory<byte>? response = mechanism.Value switch
            {
                "PLAIN" => connection.PlainResponse,
                "ANONYMOUS" => new ReadOnlyMemory<byte>([]),
                _ => null,
            };
            lock (connection.Gate)
            {
                var writer = connection.Output.Begin(FrameWriter.SaslType, 0, out var start);
                new SaslInit(mechanism.Value, response, connection.Options.HostName).Write(writer);
                connection.Output.End(start);
            }

            return;
        }

        connection.Drop(
            new AmqpError(
                AmqpCondition.NotImplemented,
                $"The peer offers no SASL mechanism of {string.Join(", ", connection.Options.SaslMechanisms)}."));
    }

    private void OnOutcome(ref AmqpReader reader)
    {
        if (!SaslOutcome.TryRead(ref reader, out var outcome))
        {
            connection.Drop(new AmqpError(AmqpCondition.DecodeError, "The sasl-outcome cannot be decoded."));
            return;
        }

        if (outcome.Code != SaslCode.Ok)
        {
            connection.Drop(new AmqpError(AmqpCondition.UnauthorizedAccess, $"The peer refused SASL with code {outcome.Code}."));
            return;
        }

        lock (connection.Gate)
        {
            _saslDone = true;
            _step = Step.Header;
            connection.Output.WriteProtocolHeader(AmqpId);
            connection.WriteOpen();
        }
    }

    private void Reject(ReadOnlySpan<byte> header)
    {
        if (isServer)
        {
            lock (connection.Gate)
            {
                connection.Output.WriteProtocolHeader(_saslDone ? AmqpId : SaslId);
            }
        }

        connection.Drop(
            new AmqpError(
                AmqpCondition.FramingError,
                $"Expected the protocol header of {(_saslDone ? "AMQP" : "SASL")} 1.0.0, got {Convert.ToHexString(header)}."));
    }
}
