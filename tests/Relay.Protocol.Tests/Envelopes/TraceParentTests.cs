using Relay.Protocol.Envelopes;

namespace Relay.Protocol.Tests.Envelopes;

public sealed class TraceParentTests
{
    private const string Valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData(Valid, Valid)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", null)]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", null)]
    [InlineData("hello", null)]
    [InlineData(Valid + "-secret", null)]
    [InlineData(7, null)]
    public void Read_Property_IsTheCanonicalFormOrNothing(object value, string? expected)
    {
        Assert.Equal(expected, TraceParent.Read(new Dictionary<string, object> { ["traceparent"] = value }));
        Assert.Equal(expected, TraceParent.Read(new Dictionary<string, object> { ["Diagnostic-Id"] = value }));
    }

    [Fact]
    public void Write_TraceParent_IsReadUnderEveryName()
    {
        var properties = new Dictionary<string, object>();
        TraceParent.Write(properties, null);
        Assert.Empty(properties);
        TraceParent.Write(properties, Valid);
        Assert.Equal(TraceParent.Properties.ToDictionary(name => name, _ => (object)Valid), properties);
    }

    [Fact]
    public void Read_NoProperty_IsNothing() => Assert.Null(TraceParent.Read(new Dictionary<string, object> { ["tracestate"] = Valid }));
}
