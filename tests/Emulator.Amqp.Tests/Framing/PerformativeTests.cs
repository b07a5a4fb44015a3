using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Framing;

public sealed class PerformativeTests
{
    [Fact]
    public void Open_OfDotNet_HasItsFields()
    {
        var open = Read<Open>("0000004602000000005310c0390aa10770726f62652d31a1096c6f63616c686f73747000010000601fff700000753040404040c11102a30770726f64756374a10570726f6265");
        Assert.Equal("probe-1", open.ContainerId);
        Assert.Equal("localhost", open.HostName);
        Assert.Equal(65536u, open.MaxFrameSize);
        Assert.Equal(8191, open.ChannelMax);
        Assert.Equal(30000u, open.IdleTimeoutMs);
        Assert.True(open.Properties!.TryGet<string>("product", out var product));
        Assert.Equal("probe", product);
    }

    [Fact]
    public void Begin_OfJavaScript_HasItsFields()
    {
        var begin = Read<Begin>("0000002002000000005311d000000010000000044043700000080070ffffffff");
        Assert.Null(begin.RemoteChannel);
        Assert.Equal(0u, begin.NextOutgoingId);
        Assert.Equal(2048u, begin.IncomingWindow);
        Assert.Equal(uint.MaxValue, begin.OutgoingWindow);
    }

    [Fact]
    public void Attach_OfNextSessionReceiver_HasItsFilterAndTimeout()
    {
        var attach = Read<Attach>("0000008c02000008005312c07f0ea1086c2d3435663132304341405001005328c0310ba1032f7371404040404040c12002a31c636f6d2e6d6963726f736f66743a73657373696f6e2d66696c74657240404040005329c00f07a1067263762d6964404040404040404040404040c11d02a315636f6d2e6d6963726f736f66743a74696d656f75747000001388");
        Assert.Equal("l-45f120", attach.Name);
        Assert.True(attach.IsReceiver);
        Assert.Null(attach.SndSettleMode);
        Assert.Equal((byte)1, attach.RcvSettleMode);
        Assert.Equal("/sq", attach.Source!.Address);
        Assert.True(attach.Source.Filter!.TryGetText("com.microsoft:session-filter", out var session));
        Assert.Null(session);
        Assert.Equal("rcv-id", attach.TargetAddress);
        Assert.Null(attach.InitialDeliveryCount);
        Assert.True(attach.Properties!.TryGetInteger("com.microsoft:timeout", out var timeout));
        Assert.Equal(5000, timeout);
    }

    [Fact]
    public void Attach_OfBroker_CarriesTheSessionLockAsLong()
    {
        var attach = Read<Attach>("000000a302000008005312c0960ea1086c2d3435663132304342405001005328c0330ba1032f7371404040404040c12202a31c636f6d2e6d6963726f736f66743a73657373696f6e2d66696c746572a10147404040005329c00f07a1067263762d69644040404040404040438000000000000400004040c12a02a31e636f6d2e6d6963726f736f66743a6c6f636b65642d756e74696c2d7574638108df48729ff49e20");
        Assert.Equal(0u, attach.InitialDeliveryCount);
        Assert.Equal(262144ul, attach.MaxMessageSize);
        Assert.IsType<long>(attach.Properties![new AmqpSymbol("com.microsoft:locked-until-utc")]);
    }

    [Fact]
    public void Flow_DrainRequestAndAnswer_HaveTheirFields()
    {
        var request = Read<Flow>("0000002502000002005313c0180b520b70ffffffff52017000001388435208520243414240");
        Assert.Equal(
            (11u, 0u, 8u, 2u, true),
            (request.NextIncomingId!.Value, request.Handle!.Value, request.DeliveryCount!.Value, request.LinkCredit!.Value, request.Drain));
        var answer = Read<Flow>("0000002202000002005313c0150952017000001388520b700000138843520a434341");
        Assert.Equal((10u, 0u, true), (answer.DeliveryCount!.Value, answer.LinkCredit!.Value, answer.Drain));
    }

    [Fact]
    public void Disposition_DeadLetterOfJavaScript_HasReasonAndRange()
    {
        var disposition = Read<Disposition>("0000009702000002005315d00000008700000005415203520342005325d0000000750000000100531dd00000006900000003a319636f6d2e6d6963726f736f66743a646561642d6c657474657240d10000004400000006a101795201a110446561644c6574746572526561736f6ea10477687932a11a446561644c65747465724572726f724465736372697074696f6ea1056465736332");
        Assert.True(disposition.IsReceiver);
        Assert.False(disposition.Settled);
        Assert.Equal((3u, 3u), (disposition.First, disposition.Last!.Value));
        var rejected = Assert.IsType<Rejected>(disposition.State);
        Assert.Equal("com.microsoft:dead-letter", rejected.Error!.Condition.Value);
        Assert.True(rejected.Error.Info!.TryGet<string>("DeadLetterReason", out var reason));
        Assert.Equal("why2", reason);
    }

    [Fact]
    public void Transfer_OfBroker_HasTagAndPayload()
    {
        var frame = Convert.FromHexString("0000005902000001005314c0110b4343a004010000004340424040424241005373c02f0da1203864326131643232383137623439653338343130306333663035623961613737404040404040404040404040005375a0026d30");
        var reader = new AmqpReader(frame.AsSpan(8));
        Assert.True(reader.TryReadDescriptor(out var descriptor));
        Assert.Equal(Descriptor.Transfer, descriptor);
        Assert.True(Transfer.TryRead(ref reader, out var transfer));
        Assert.Equal([1, 0, 0, 0], transfer.DeliveryTag.ToArray());
        Assert.Equal(0u, transfer.DeliveryId);
        Assert.Null(transfer.Settled);
        Assert.False(transfer.More);
        Assert.Equal("005373", Convert.ToHexString(reader.Rest[..3]));
    }

    [Fact]
    public void Discharge_WorkedBody_ReadsBackWhatWasWritten()
    {
        using var writer = new AmqpWriter();
        new Discharge(new byte[] { 1, 2 }, Fail: true).Write(writer);
        Assert.True(Discharge.TryRead(writer.WrittenSpan, out var discharge));
        Assert.True(discharge!.Fail);
        Assert.Equal([1, 2], discharge.TransactionId.ToArray());
        Assert.True(Discharge.TryRead(Convert.FromHexString("005377005332c01402a010d69ca9964c6c4881a7ed92b2930efb6442"), out var captured));
        Assert.False(captured!.Fail);
        Assert.Equal(16, captured.TransactionId.Length);
        Assert.True(Declare.TryRead(Convert.FromHexString("005377005331c0020140"), out _));
        Assert.False(Declare.TryRead(writer.WrittenSpan, out _));
    }

    [Fact]
    public void Write_OpenBeginAttach_AreFullLength()
    {
        Assert.Equal(10, Fields(writer => new Open { ContainerId = "c" }.Write(writer)));
        Assert.Equal(8, Fields(writer => new Begin().Write(writer)));
        Assert.Equal(14, Fields(writer => new Attach { Name = "n" }.Write(writer)));
    }

    private static int Fields(Action<AmqpWriter> write)
    {
        using var writer = new AmqpWriter();
        write(writer);
        var reader = new AmqpReader(writer.WrittenSpan);
        Assert.True(reader.TryReadValue(out var value));
        return Assert.IsType<List<object?>>(Assert.IsType<AmqpDescribed>(value).Value).Count;
    }

    private static T Read<T>(string hex)
    {
        Assert.True(FrameRoundTrip.TryRewrite(Convert.FromHexString(hex), out _, out var performative));
        return Assert.IsType<T>(performative);
    }
}
