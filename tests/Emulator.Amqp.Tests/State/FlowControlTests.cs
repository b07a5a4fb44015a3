using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Peers;

namespace Emulator.Amqp.Tests.State;

public sealed class FlowControlTests
{
    private readonly TestBroker _broker = new();

    [Fact]
    public void AttachReply_ToASender_EchoesAndGivesFullFlow()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachSender("/q1", handle: 5);
        peer.Read();
        var attach = Assert.IsType<Attach>(peer.Frames[0]);
        Assert.Equal(("sender-5", true, "/q1"), (attach.Name, attach.IsReceiver, attach.TargetAddress));
        Assert.NotNull(attach.Source);
        Assert.NotNull(attach.MaxMessageSize);
        var flow = Assert.IsType<Flow>(peer.Frames[1]);
        Assert.Equal(
            (0u, 5000u, 1u, 5u, 0u, 1000u),
            (flow.NextIncomingId, flow.IncomingWindow, flow.NextOutgoingId, flow.Handle, flow.DeliveryCount, flow.LinkCredit));
    }

    /// <summary>
    /// Fuzzing found it counted from 0: a sender that counts from elsewhere then had no credit, or two thousand million of it.
    /// </summary>
    [Theory]
    [InlineData(0u)]
    [InlineData(70_000u)]
    [InlineData(uint.MaxValue)]
    public void CreditWindow_ToASenderThatCountsFromElsewhere_IsCountedFromThere(uint initial)
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.Send(
            0,
            writer =>
                new Attach
                {
                    Name = "s",
                    Source = new Source(),
                    Target = new Target { Address = "q" },
                    InitialDeliveryCount = initial,
                }.Write(writer));
        var flow = Assert.Single(peer.Take<Flow>());
        Assert.Equal((initial, 1000u), (flow.DeliveryCount, flow.LinkCredit));
    }

    [Fact]
    public void TryRefuse_InOneBatch_WritesAttachWithoutTerminiThenDetach()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("missing");
        peer.Read();
        var attach = Assert.IsType<Attach>(peer.Frames[0]);
        Assert.Null(attach.Source);
        Assert.Null(attach.Target);
        Assert.Equal(0u, attach.InitialDeliveryCount);
        Assert.Equal((byte)1, attach.RcvSettleMode);
        Assert.Equal(AmqpCondition.NotFound, Assert.IsType<Detach>(peer.Frames[1]).Error!.Condition);
        peer.Frames.Clear();
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 1);
        peer.Send(0, writer => new Detach(0, true, null).Write(writer));
        Assert.Null(peer.Read());
        Assert.Empty(_broker.LinkClosures);
        Assert.Empty(_broker.Abandoned);
    }

    [Fact]
    public void Transfer_AcceptedInARow_AreAnsweredWithOneRange()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachSender("q");
        peer.Take<Attach>();
        for (var id = uint.MaxValue - 2; id != 3; id = unchecked(id + 1))
        {
            peer.Transfer(0, id, [1]);
        }

        var disposition = Assert.Single(peer.Take<Disposition>());
        Assert.Equal(
            (true, uint.MaxValue - 2, 2u, true), (disposition.IsReceiver, disposition.First, disposition.Last!.Value, disposition.Settled));
    }

    [Fact]
    public void CreditWindow_HalfUsed_IsToppedUp()
    {
        _broker.Reply = new AttachReply { CreditWindow = 10 };
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachSender("q");
        peer.Take<Attach>();
        for (uint id = 0; id < 4; id++)
        {
            peer.Transfer(0, id, [1]);
        }

        Assert.Empty(peer.Take<Flow>());
        peer.Transfer(0, 4, [1]);
        var flow = Assert.Single(peer.Take<Flow>());
        Assert.Equal((5u, 10u), (flow.DeliveryCount, flow.LinkCredit));
    }

    [Fact]
    public void Transfer_MultipleFrames_AreJoinedAndAbortedOnesDropped()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachSender("q");
        peer.Transfer(0, 0, [1, 2], more: true);
        peer.Transfer(0, null, [3], more: true);
        peer.Transfer(0, 0, [4]);
        peer.Transfer(0, 1, [9], more: true);
        peer.Transfer(0, 1, [], aborted: true);
        peer.Transfer(0, 2, [5], settled: true);
        Assert.Equal([[1, 2, 3, 4], [5]], _broker.Queue("q").Ready.Select(item => item.Payload));
        Assert.Equal(0, peer.Connection.UnfinishedBytes);
        Assert.Equal([0u], peer.Take<Disposition>().Select(disposition => disposition.First));
    }

    [Fact]
    public void SessionWindow_HalfUsed_IsReopened()
    {
        var peer = new ScriptedPeer(_broker.Handler(), new AmqpConnectionOptions { IncomingWindow = 4 }).Begun();
        peer.AttachSender("q");
        peer.Take<Attach>();
        peer.Transfer(0, 0, [1], settled: true);
        peer.Transfer(0, 1, [1], settled: true);
        var flow = Assert.Single(peer.Take<Flow>());
        Assert.Equal((2u, 4u, (uint?)null), (flow.NextIncomingId, flow.IncomingWindow, flow.Handle));
    }

    [Theory]
    [InlineData(0u, 3u, 3)]
    [InlineData(uint.MaxValue, uint.MaxValue, 5)]
    public void TrySend_Credit_IsNeverExceeded(uint deliveryCount, uint credit, int expected)
    {
        for (byte i = 0; i < 5; i++)
        {
            _broker.Queue("q").Enqueue([i]);
        }

        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: deliveryCount, credit: credit);
        var transfers = peer.Take<ScriptedPeer.SentTransfer>();
        Assert.Equal(Enumerable.Range(0, expected).Select(i => (uint?)i), transfers.Select(transfer => transfer.DeliveryId));
    }

    [Fact]
    public void TrySend_CreditStatedBeforeDeliveriesUnderWay_CountsThem()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 2);
        _broker.Queue("q").Enqueue([1]);
        _broker.Queue("q").Enqueue([2]);
        _broker.Queue("q").Enqueue([3]);
        _broker.Queue("q").Enqueue([4]);
        Assert.Equal(2, peer.Take<ScriptedPeer.SentTransfer>().Count);
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 3);
        Assert.Equal([3], Assert.Single(peer.Take<ScriptedPeer.SentTransfer>()).Payload);
    }

    [Fact]
    public void TrySend_TwoLinksOfASession_HaveContiguousDeliveryIds()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun(maxFrameSize: 512);
        peer.AttachReceiver("a", handle: 0);
        peer.AttachReceiver("b", handle: 1);
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 10);
        peer.Flow(1, 5000, handle: 1, deliveryCount: 0, credit: 10);
        _broker.Queue("a").Enqueue(new byte[2000]);
        _broker.Queue("b").Enqueue([1]);
        _broker.Queue("a").Enqueue([2]);
        var transfers = peer.Take<ScriptedPeer.SentTransfer>();
        Assert.Equal(
            [0u, 1u, 2u], transfers.Where(transfer => transfer.DeliveryId is not null).Select(transfer => transfer.DeliveryId!.Value));
        Assert.All(transfers, transfer => Assert.InRange(transfer.FrameSize, 9, 512));
        Assert.Equal(2000, transfers.TakeWhile(transfer => transfer.Handle == 0).Sum(transfer => transfer.Payload.Length));
    }

    [Fact]
    public void TrySend_WindowClosesWithinADelivery_ContinuesWhenItOpens()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun(incomingWindow: 2, maxFrameSize: 512);
        peer.AttachReceiver("q");
        peer.Flow(1, 2, handle: 0, deliveryCount: 0, credit: 10);
        var payload = Enumerable.Range(0, 2500).Select(i => (byte)i).ToArray();
        _broker.Queue("q").Enqueue(payload);
        _broker.Queue("q").Enqueue([42]);
        var got = new List<ScriptedPeer.SentTransfer>();
        uint next = 1;
        for (var turn = 0; turn < 10 && got.Count(transfer => !transfer.More) < 2; turn++)
        {
            var frames = peer.Take<ScriptedPeer.SentTransfer>();
            Assert.InRange(frames.Count, 1, 2);
            got.AddRange(frames);
            next += (uint)frames.Count;
            peer.Flow(next, 2);
        }

        var last = got[^1];
        Assert.Equal([42], last.Payload);
        Assert.Equal(payload, got[..^1].SelectMany(transfer => transfer.Payload));
        Assert.Equal([true, false], [got[^3].More, got[^2].More]);
    }

    [Fact]
    public void TrySend_OutputNotTaken_SaysCongestedAndGoesOnWhenItIs()
    {
        var peer = new ScriptedPeer(_broker.Handler(), new AmqpConnectionOptions { OutputHighWaterBytes = 4000 }).Begun();
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 100);
        for (var i = 0; i < 20; i++)
        {
            _broker.Queue("q").Enqueue(new byte[1000]);
        }

        Assert.InRange(peer.Connection.Output.PendingBytes, 4000, 6000);
        Assert.InRange(_broker.Queue("q").Ready.Count, 14, 17);
        var sent = 0;
        for (var turn = 0; turn < 20 && sent < 20; turn++)
        {
            sent += peer.Take<ScriptedPeer.SentTransfer>().Count;
        }

        Assert.Equal(20, sent);
    }

    [Fact]
    public void TrySend_DeliveryLargerThanTheHighWaterMark_IsSentInTurns()
    {
        var peer = new ScriptedPeer(_broker.Handler(), new AmqpConnectionOptions { OutputHighWaterBytes = 4000 }).Begun(maxFrameSize: 512);
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 100);
        _broker.Queue("q").Enqueue(new byte[50_000]);
        Assert.InRange(peer.Connection.Output.PendingBytes, 4000, 5000);
        var bytes = 0;
        for (var turn = 0; turn < 50 && bytes < 50_000; turn++)
        {
            bytes += peer.Take<ScriptedPeer.SentTransfer>().Sum(transfer => transfer.Payload.Length);
        }

        Assert.Equal(50_000, bytes);
    }

    [Fact]
    public void Drain_WithAndWithoutMessages_IsAnsweredWithCreditZero()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        _broker.Queue("q").Enqueue([1]);
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 8, drain: true);
        peer.Read();
        Assert.IsType<ScriptedPeer.SentTransfer>(peer.Frames[^2]);
        var flow = Assert.Single(peer.Take<Flow>());
        Assert.Equal((8u, 0u, true, 0u), (flow.DeliveryCount, flow.LinkCredit, flow.Drain, flow.Available));

        // Again with no credit left: still answered.
        peer.Flow(2, 5000, handle: 0, deliveryCount: 8, credit: 0, drain: true);
        flow = Assert.Single(peer.Take<Flow>());
        Assert.Equal((8u, 0u, true), (flow.DeliveryCount, flow.LinkCredit, flow.Drain));
        peer.Flow(2, 5000, handle: 0, deliveryCount: 8, credit: 1, drain: false);
        _broker.Queue("q").Enqueue([2]);
        Assert.Single(peer.Take<ScriptedPeer.SentTransfer>());
    }

    [Fact]
    public void Flow_WithEcho_IsAnsweredAtOnce()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.Flow(1, 5000, echo: true);
        Assert.Null(Assert.Single(peer.Take<Flow>()).Handle);
        peer.AttachReceiver("q");
        peer.Take<Attach>();
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 4, echo: true);
        var flow = Assert.Single(peer.Take<Flow>());
        Assert.Equal((0u, 4u), (flow.Handle, flow.LinkCredit));
    }

    [Fact]
    public void Disposition_RangeWithUnknownIds_SettlesTheKnownAndRejectsTheOthers()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 10);
        for (byte i = 0; i < 4; i++)
        {
            _broker.Queue("q").Enqueue([i]);
        }

        peer.Take<ScriptedPeer.SentTransfer>();
        peer.TellState(1, 5, Accepted.Instance);
        var answers = peer.Take<Disposition>();
        Assert.Equal(2, answers.Count);
        Assert.Equal((false, 1u, 3u, true), (answers[0].IsReceiver, answers[0].First, answers[0].Last!.Value, answers[0].Settled));
        Assert.IsType<Accepted>(answers[0].State);
        Assert.Equal((4u, 5u), (answers[1].First, answers[1].Last!.Value));
        Assert.Equal(AmqpCondition.NotFound, Assert.IsType<Rejected>(answers[1].State).Error!.Condition);
        Assert.Equal(3, _broker.Queue("q").Settled);
    }

    [Fact]
    public void Disposition_OfTwoBillionDeliveries_TouchesOnlyThoseThatExist()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 10);
        _broker.Queue("q").Enqueue([1]);
        _broker.Queue("q").Enqueue([2]);
        peer.Take<ScriptedPeer.SentTransfer>();
        peer.TellState(0, int.MaxValue, Released.Instance, settled: true);
        Assert.Equal(2, _broker.Queue("q").Settled);
        Assert.Empty(peer.Take<Disposition>());
    }

    [Fact]
    public void MaxUnsettledDeliveries_Reached_HoldsFurtherOnesUntilSomeAreSettled()
    {
        var peer = new ScriptedPeer(_broker.Handler(), new AmqpConnectionOptions { MaxUnsettledDeliveries = 3 }).Begun();
        peer.AttachReceiver("q");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 100);
        for (byte i = 0; i < 5; i++)
        {
            _broker.Queue("q").Enqueue([i]);
        }

        Assert.Equal(3, peer.Take<ScriptedPeer.SentTransfer>().Count);
        peer.TellState(0, 1, Accepted.Instance, settled: true);
        Assert.Equal(2, peer.Take<ScriptedPeer.SentTransfer>().Count);
    }

    [Fact]
    public void AttachHeld_PeerDetaches_GetsAttachAndDetachAndTheRequestIsVoid()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("held");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 1);
        Assert.Null(peer.Read());
        peer.Send(0, writer => new Detach(0, true, null).Write(writer));
        peer.Read();
        Assert.Null(Assert.IsType<Attach>(peer.Frames[0]).Source);
        Assert.IsType<Detach>(peer.Frames[1]);
        Assert.True(_broker.Abandoned.TryDequeue(out var request));
        Assert.False(request.TryAcceptReceiver(new NullSender(), new AttachReply(), out _));
    }

    [Fact]
    public void AttachHeld_AcceptedAfterCredit_HasIt()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("held");
        peer.Flow(1, 5000, handle: 0, deliveryCount: 0, credit: 7);
        Assert.True(_broker.Held.TryDequeue(out var request));
        Assert.True(request.TryAcceptReceiver(new NullSender(), new AttachReply(), out var link));
        Assert.Equal(7u, link.Credit);
    }

    [Fact]
    public void End_WithLinksAndHeldRequests_TellsEachOnce()
    {
        var peer = new ScriptedPeer(_broker.Handler()).Begun();
        peer.AttachReceiver("q");
        peer.AttachReceiver("held", handle: 1);
        peer.Send(0, writer => new End(null).Write(writer));
        Assert.Single(peer.Take<End>());
        Assert.Equal(new LinkClosure(ClosureScope.Session, ByPeer: true, null), Assert.Single(_broker.LinkClosures));
        Assert.Single(_broker.Abandoned);
        Assert.Equal(1, _broker.SessionsEnded);
        peer.Connection.Finish(null);
        Assert.Single(_broker.LinkClosures);
        Assert.Single(_broker.ClosedWith);
    }
}
