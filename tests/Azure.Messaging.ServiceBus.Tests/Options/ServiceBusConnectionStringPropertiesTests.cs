namespace Azure.Messaging.ServiceBus.Tests.Options;

public sealed class ServiceBusConnectionStringPropertiesTests
{
    private const string Emulator =
        "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;";

    [Fact]
    public void Parse_EmulatorString_ReadsEveryPart()
    {
        var properties = ServiceBusConnectionStringProperties.Parse(Emulator);

        Assert.Equal(new Uri("sb://localhost/"), properties.Endpoint);
        Assert.Equal("localhost", properties.FullyQualifiedNamespace);
        Assert.Equal("RootManageSharedAccessKey", properties.SharedAccessKeyName);
        Assert.Equal("SAS_KEY_VALUE", properties.SharedAccessKey);
        Assert.Null(properties.SharedAccessSignature);
        Assert.Null(properties.EntityPath);
        Assert.True(properties.UseDevelopmentEmulator);
    }

    [Fact]
    public void Parse_PortInEndpoint_IsKept() =>
        Assert.Equal(5673, ServiceBusConnectionStringProperties.Parse("Endpoint=sb://127.0.0.1:5673/;SharedAccessKeyName=n;SharedAccessKey=k").Endpoint.Port);

    [Fact]
    public void Parse_NoPortInEndpoint_HasNone() => Assert.Equal(-1, ServiceBusConnectionStringProperties.Parse(Emulator).Endpoint.Port);

    [Fact]
    public void Parse_ValueWithEqualsSigns_IsSplitAtTheFirst() =>
        Assert.Equal("abc==", ServiceBusConnectionStringProperties.Parse("Endpoint=sb://h;SharedAccessKeyName=n;SharedAccessKey=abc==").SharedAccessKey);

    [Theory]
    [InlineData("endpoint=sb://host.example")]
    [InlineData(" ENDPOINT = host.example ")]
    [InlineData("Endpoint=https://host.example/;")]
    [InlineData("Endpoint=amqps://host.example;Unknown=1")]
    public void Parse_EndpointInAnySpelling_GivesSbUri(string connectionString) =>
        Assert.Equal(new Uri("sb://host.example/"), ServiceBusConnectionStringProperties.Parse(connectionString).Endpoint);

    [Theory]
    [InlineData("true", true)]
    [InlineData("TRUE", true)]
    [InlineData("false", false)]
    [InlineData("1", false)]
    [InlineData("yes", false)]
    public void Parse_UseDevelopmentEmulator_IsOnForTrueInAnyCaseOnly(string value, bool expected) =>
        Assert.Equal(expected, ServiceBusConnectionStringProperties.Parse($"Endpoint=sb://h;UseDevelopmentEmulator={value}").UseDevelopmentEmulator);

    [Theory]
    [InlineData("Endpoint")]
    [InlineData("Endpoint=")]
    [InlineData("Endpoint=sb://host;SharedAccessKey= ;")]
    [InlineData("Endpoint=sb://;")]
    [InlineData("Endpoint=sb://host;garbage")]
    public void Parse_Malformed_ThrowsFormatException(string connectionString) =>
        Assert.Throws<FormatException>(() => ServiceBusConnectionStringProperties.Parse(connectionString));

    [Fact]
    public void Parse_NullOrEmpty_ThrowsArgumentException()
    {
        Assert.Throws<ArgumentNullException>(() => ServiceBusConnectionStringProperties.Parse(null!));
        Assert.Throws<ArgumentException>(() => ServiceBusConnectionStringProperties.Parse(""));
    }
}
