using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Peers;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.State;

/// <summary>What a peer may get wrong, and the frame and condition that answer it.</summary>
public sealed class ViolationTests
{
    private readonly TestBroker _broker = new();

    [Fact]
    public void Receive_WrongProtocolHeader_AnswersTheSupportedOneAndFinishes()
    {
        var peer = new ScriptedPeer(_broker.Handler());
        peer.Feed("GET / HT"u8);
        Assert.Equal("AMQP\x03\x01\x00\x00"u8.ToArray(), Assert.IsType<byte[]>(peer.Read()));
        Assert.True(peer.Connection.IsFinished);
    }

    [Fact]
    public void Receive_UnknownMechanism_AnswersAuthAndFinishes()
    {
        var peer = new ScriptedPeer(_broker.Handler());
        peer.Feed("AMQP\x03\x01\x00\x00"u8);
        peer.Send(FrameWriter.SaslType, 0, writer => new SaslInit("GSSAPI", null, null).Write(writer));
        Assert.Equal(SaslCode.Auth, Assert.IsType<SaslOutcome>(peer.Read()).Code);
        Assert.True(peer.Connection.IsFinished);
    }

    [Theory]
    [InlineData("0000000702000000")]
    [InlineData("0001000102000000")]
    [InlineData("ffffffff02000000")]
    [InlineData("0000001001000000")]
    [InlineData("000000100a000000")]
    [InlineData("0000001002010000")]
    public void Receive_ImpossibleFrameHeader_ClosesWithFramingError(string hex) =>
        Assert.Equal(AmqpCondition.FramingError, ClosedWith(peer => peer.Feed(Convert.FromHexString(hex))));

    [Theory]
    [InlineData("0000000c020000000053ff45")]
    [InlineData("0000000c0200000040404040")]
    [InlineData("0000000b02000000005311")]
    [InlineData("0000000c0200000000531245")]
    [InlineData("0000001402000000005314d000000004ffffffff")]
    [InlineData("0000001302000000005314c00601a043434343")]
    [InlineData("0000000c0200000000537045")]
    public void Receive_UndecodableBody_ClosesWithDecodeError(string hex) =>
        Assert.Equal(AmqpCondition.DecodeError, ClosedWith(peer => peer.Feed(Convert.FromHexString(hex))));

    [Fact]
    public void Receive_FrameOnChannelWithoutSession_ClosesWithNotAllowed() =>
        Assert.Equal(AmqpCondition.NotAllowed, ClosedWith(peer => peer.Send(7, writer => new Detach(0, true, null).Write(writer))));

    [Fact]
    public void Receive_BeginOnChannelInUse_ClosesWithNotAllowed() =>
        Assert.Equal(
            AmqpCondition.NotAllowed,
            ClosedWith(peer => peer.Send(0, writer => new Begin { IncomingWindow = 1, OutgoingWindow = 1 }.Write(writer))));

    [Fact]
    public void Receive_ChannelBeyondMax_ClosesWithFramingError() =>
        Assert.Equal(
            AmqpCondition.FramingError,
            ClosedWith(peer => peer.Send(5000, writer => new Begin { IncomingWindow = 1, OutgoingWindow = 1 }.Write(writer))));

    [Fact]
    public void Receive_HandleBeyondMax_ClosesWithFramingError() =>
        Assert.Equal(AmqpCondition.FramingError, ClosedWith(peer => peer.AttachSender("q", handle: 256)));

    [Fact]
    public void Receive_SecondOpen_ClosesWithIllegalState() =>
        Assert.Equal(
            AmqpCondition.IllegalState, ClosedWith(peer => peer.Send(0, writer => new Open { ContainerId = "again" }.Write(writer))));

    [Fact]
    public void Receive_BeginBeforeOpen_OpensAndClosesWithIllegalState()
    {
        var peer = new ScriptedPeer(_broker.Handler());
        peer.Feed("AMQP\x00\x01\x00\x00"u8);
        peer.Send(0, writer => new Begin { IncomingWindow = 1, OutgoingWindow = 1 }.Write(writer));
        peer.Read();
        Assert.IsType<Open>(peer.Frames[1]);
        Assert.Equal(AmqpCondition.IllegalState, Assert.IsType<Close>(peer.Frames[2]).Error!.Condition);
    }

    [Fact]
    public void Receive_TransferBeforeAttach_EndsWithUnattachedHandle() =>
        Assert.Equal(AmqpCondition.UnattachedHandle, EndedWith(peer => peer.Transfer(0, 0, [1])));

    [Fact]
    public void Receive_TransferOnReceiversHandle_EndsWithUnattachedHandle() => Assert.Equal(
        AmqpCondition.UnattachedHandle, EndedWith(peer =>
    {
        peer.AttachReceiver("q");
        peer.Transfer(0, 0, [1]);
    }));

    [Fact]
    public void Receive_FlowForUnknownHandle_EndsWithUnattachedHandle() =>
        Assert.Equal(AmqpCondition.UnattachedHandle, EndedWith(peer => peer.Flow(1, 10, handle: 3)));

    [Fact]
    public void Receive_DuplicateHandle_EndsWithHandleInUse() => Assert.Equal(AmqpCondition.HandleInUse, EndedWith(peer =>
    {
        peer.AttachSender("q");
        peer.AttachSender("q", name: "other");
    }));

    [Fact]
    public void Receive_DispositionRangeBackwards_EndsWithInvalidField() =>
        Assert.Equal(AmqpCondition.InvalidField, EndedWith(peer => peer.TellState(5, 4, Accepted.Instance)));

    [Fact]
    public void Receive_TransferWithoutCredit_DetachesWithTransferLimitExceeded()
    {
        _broker.Reply = new AttachReply { CreditWindow = 0 };
        Assert.Equal(AmqpCondition.TransferLimitExceeded, DetachedWith(peer => peer.Transfer(0, 0, [1])));
    }

    [Fact]
    public void Receive_TransferWithoutDeliveryId_DetachesWithInvalidField() =>
        Assert.Equal(AmqpCondition.InvalidField, DetachedWith(peer => peer.Transfer(0, null, [1])));

    [Fact]
    public void Receive_AnotherDeliveryBeforeTheLastFrame_DetachesWithIllegalState() => Assert.Equal(
        AmqpCondition.IllegalState, DetachedWith(peer =>
    {
        peer.Transfer(0, 0, [1], more: true);
        peer.Transfer(0, 1, [1]);
    }));

    [Fact]
    public void Receive_UnfinishedDeliveriesOverTheLimit_DetachesWithResourceLimitExceeded() => Assert.Equal(
        AmqpCondition.ResourceLimitExceeded,
        DetachedWith(peer => peer.Transfer(0, 0, new byte[101], more: true), new AmqpConnectionOptions { MaxUnfinishedBytes = 100 }));

    [Fact]
    public void Receive_TooMuchLinkState_EndsWithResourceLimitExceeded() => Assert.Equal(
        AmqpCondition.ResourceLimitExceeded,
        EndedWith(
            peer =>
            {
                peer.AttachSender(new string('q', 900));
                peer.AttachSender(new string('q', 900), handle: 1);
            },
            new AmqpConnectionOptions { MaxLinkStateBytes = 1800 }));

    [Fact]
    public void Receive_AfterADetachForViolation_IgnoresTransfersAndServesOtherLinks()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachSender("q");
        peer.AttachSender("other", handle: 1);
        peer.Transfer(0, null, [1]);
        peer.Transfer(0, 4, [1]);
        peer.Transfer(1, 5, [7]);
        Assert.Equal([7], Assert.Single(_broker.Queue("other").Ready).Payload);
        Assert.Empty(_broker.Queue("q").Ready);
        Assert.Single(_broker.LinkClosures);
        peer.Send(0, writer => new Detach(0, true, null).Write(writer));
        Assert.Single(peer.Take<Detach>());
        Assert.Single(_broker.LinkClosures);
    }

    private AmqpSymbol ClosedWith(Action<ScriptedPeer> violate)
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        violate(peer);
        var close = Assert.Single(peer.Take<Close>());
        Assert.NotNull(close.Error!.Description);
        Assert.False(peer.Connection.IsOpen);
        return close.Error.Condition;
    }

    private AmqpSymbol EndedWith(Action<ScriptedPeer> violate, AmqpConnectionOptions? options = null)
    {
        var peer = new ScriptedPeer(_broker.Handler(), options).Begun();
        violate(peer);
        var end = Assert.Single(peer.Take<End>());
        Assert.True(peer.Connection.IsOpen);

        // What comes until the peer's end is ignored; then the channel is free again.
        peer.Transfer(9, 9, [1]);
        peer.Send(0, writer => new End(null).Write(writer));
        peer.Send(0, writer => new Begin { IncomingWindow = 1, OutgoingWindow = 1 }.Write(writer));
        Assert.Single(peer.Take<Begin>());
        return end.Error!.Condition;
    }

    private AmqpSymbol DetachedWith(Action<ScriptedPeer> violate, AmqpConnectionOptions? options = null)
    {
        var peer = new ScriptedPeer(_broker.Handler(), options).Begun();
        peer.AttachSender("q");
        violate(peer);
        var detach = Assert.Single(peer.Take<Detach>());
        Assert.True(detach.Closed);
        Assert.Empty(_broker.Queue("q").Ready);
        return detach.Error!.Condition;
    }
}
