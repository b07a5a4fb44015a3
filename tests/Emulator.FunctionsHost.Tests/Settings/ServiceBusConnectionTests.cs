using Microsoft.Extensions.Configuration;
using Emulator.FunctionsHost.Settings;

namespace Emulator.FunctionsHost.Tests.Settings;

public sealed class ServiceBusConnectionTests
{
    private const string ConnectionString =
        "Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;";

    private readonly List<string> _errors = [];

    [Theory]
    [InlineData("Bus", "Bus")]
    [InlineData("Bus", "AzureWebJobsBus")]
    [InlineData("Bus", "ConnectionStrings:Bus")]
    [InlineData("Outer__Bus", "Outer:Bus")]
    [InlineData(null, "AzureWebJobsServiceBus")]
    [InlineData("", "AzureWebJobsServiceBus")]
    public void TryFind_ConnectionString_IsFoundByName(string? name, string setting)
    {
        Assert.True(Find(name, (setting, ConnectionString), out var connection));

        Assert.Equal(ConnectionString, connection!.ConnectionString);
        Assert.Null(connection.FullyQualifiedNamespace);
    }

    [Fact]
    public void TryFind_Identity_CarriesNamespaceAndCredential()
    {
        var settings = Build(("Bus:fullyQualifiedNamespace", "ns.example"), ("Bus:credential", "managedidentity"), ("Bus:clientId", "id"));

        Assert.True(ServiceBusConnection.TryFind(settings, "Bus", "here", _errors, out var connection));

        Assert.Equal(new ServiceBusConnection("Bus", null, "ns.example", "managedidentity", "id"), connection);
    }

    [Fact]
    public void TryFind_NoSetting_NamesBothSettingsThatWouldDo()
    {
        Assert.False(Find("Bus", ("Other", ConnectionString), out _));

        var error = Assert.Single(_errors);
        Assert.Contains("'Bus'", error, StringComparison.Ordinal);
        Assert.Contains("'Bus__fullyQualifiedNamespace'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryFind_IdentityWithoutNamespace_IsAnError() => Assert.False(Find("Bus", ("Bus:clientId", "id"), out _));

    [Fact]
    public void TryFind_ConnectionStringAsName_IsRefusedAndNotRepeated()
    {
        Assert.False(Find(ConnectionString, ("Bus", ConnectionString), out _));

        Assert.DoesNotContain("c2VjcmV0", Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a connection string")]
    [InlineData("SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0")]
    public void TryFind_ValueThatIsNoConnectionString_IsRefusedAndNotRepeated(string value)
    {
        Assert.False(Find("Bus", ("Bus", value), out _));

        var error = Assert.Single(_errors);
        Assert.Contains("'Bus'", error, StringComparison.Ordinal);
        Assert.DoesNotContain(value, error, StringComparison.Ordinal);
    }

    private bool Find(string? name, (string, string) setting, out ServiceBusConnection? connection) =>
        ServiceBusConnection.TryFind(Build(setting), name, "here", _errors, out connection);

    private static IConfiguration Build(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
            .Build();
}
