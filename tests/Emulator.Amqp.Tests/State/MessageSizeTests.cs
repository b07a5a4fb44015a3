using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Peers;

namespace Emulator.Amqp.Tests.State;

/// <summary>
/// Messages over the link's max-message-size: refused one by one, without keeping their bytes and without losing the link.
/// </summary>
public sealed class MessageSizeTests
{
    private const int Limit = 100;
    private const int DiscardLimit = 1000;

    private readonly TestBroker _broker = new() { Reply = new AttachReply { MaxMessageSize = Limit, CreditWindow = 4 } };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Transfer_OverTheLimit_IsRejectedAndTheLinkGoesOn(int frames)
    {
        var peer = Attached();
        for (uint id = 0; id < 20; id += 2)
        {
            for (var frame = 1; frame <= frames; frame++)
            {
                peer.Transfer(0, id, new byte[(Limit / frames) + 1], more: frame < frames);
                Assert.InRange(peer.Connection.UnfinishedBytes, 0, Limit);
            }

            Assert.Equal(0, peer.Connection.UnfinishedBytes);
            peer.Transfer(0, id + 1, new byte[Limit]);
        }

        peer.Read();
        Assert.Empty(peer.Frames.OfType<Detach>());
        Assert.Equal(10, _broker.Queue("q").Ready.Count);
        var answers = peer.Frames.OfType<Disposition>().ToList();
        Assert.Equal(20, answers.Count);
        Assert.All(answers, answer => Assert.True(answer.IsReceiver && answer.Settled));
        Assert.All(answers.Where(answer => answer.First % 2 == 1), answer => Assert.IsType<Accepted>(answer.State));
        Assert.All(answers.Where(answer => answer.First % 2 == 0), answer =>
        {
            var error = Assert.IsType<Rejected>(answer.State).Error!;
            Assert.Equal(AmqpCondition.MessageSizeExceeded, error.Condition);
            Assert.Contains("at most 100 bytes", error.Description, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Transfer_OverTheLimitAndNotEnded_IsAnsweredOnlyAtItsEnd()
    {
        var peer = Attached();
        peer.Transfer(0, 0, new byte[Limit + 1], more: true);
        peer.Transfer(0, null, new byte[Limit], more: true);
        Assert.Empty(peer.Take<Disposition>());
        peer.Transfer(0, null, []);
        Assert.IsType<Rejected>(Assert.Single(peer.Take<Disposition>()).State);
    }

    [Theory]
    [InlineData(90)]
    [InlineData(0)]
    public void Transfer_OverTheLimitWithoutEnd_IsDetachedAtTheDiscardLimit(int bytesPerFrame)
    {
        var peer = Attached();
        peer.Transfer(0, 0, new byte[Limit + 1], more: true);
        for (var frame = 0; frame < 200; frame++)
        {
            peer.Transfer(0, null, new byte[bytesPerFrame], more: true);
            Assert.Equal(0, peer.Connection.UnfinishedBytes);
        }

        peer.Read();
        Assert.Equal(AmqpCondition.MessageSizeExceeded, Assert.Single(peer.Frames.OfType<Detach>()).Error!.Condition);
        Assert.Empty(peer.Frames.OfType<Disposition>());
        Assert.Single(_broker.LinkClosures);
    }

    [Fact]
    public void Transfer_OverTheLimitAndSettled_DetachesBecauseNoAnswerWouldBeRead()
    {
        var single = Attached();
        single.Transfer(0, 0, new byte[Limit + 1], settled: true);
        Assert.Equal(AmqpCondition.MessageSizeExceeded, Assert.Single(single.Take<Detach>()).Error!.Condition);

        var settledAtTheEnd = Attached();
        settledAtTheEnd.Transfer(0, 0, new byte[Limit + 1], more: true);
        settledAtTheEnd.Transfer(0, 0, [], settled: true);
        Assert.Equal(AmqpCondition.MessageSizeExceeded, Assert.Single(settledAtTheEnd.Take<Detach>()).Error!.Condition);
    }

    [Fact]
    public void Transfer_OverTheLimitThenAborted_IsNotAnswered()
    {
        var peer = Attached();
        peer.Transfer(0, 0, new byte[Limit + 1], more: true);
        peer.Transfer(0, 0, [], aborted: true);
        peer.Transfer(0, 1, [7]);
        Assert.Equal(1u, Assert.Single(peer.Take<Disposition>()).First);
        Assert.Single(_broker.Queue("q").Ready);
    }

    [Fact]
    public void Transfer_IdTakenByAnotherLinkMeanwhile_DetachesWithInvalidField()
    {
        _broker.Settles = false;
        var peer = Attached();
        peer.AttachSender("other", handle: 1);
        peer.Transfer(0, 5, [1], more: true);
        peer.Transfer(1, 5, [2]);
        peer.Transfer(0, 5, [3]);
        var detach = Assert.Single(peer.Take<Detach>());
        Assert.Equal((0u, AmqpCondition.InvalidField), (detach.Handle, detach.Error!.Condition));
        Assert.Empty(_broker.Queue("q").Ready);
        Assert.Equal(0, peer.Connection.UnfinishedBytes);
    }

    private ScriptedPeer Attached()
    {
        var peer = new ScriptedPeer(_broker.Handler(), new AmqpConnectionOptions { MaxDiscardedBytes = DiscardLimit }).Begun();
        peer.AttachSender("q");
        peer.Take<Attach>();
        return peer;
    }
}
