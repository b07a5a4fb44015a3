using Microsoft.Extensions.Configuration;
using Emulator.FunctionsHost.Settings;

namespace Emulator.FunctionsHost.Tests.Settings;

public sealed class SettingNamesTests
{
    private static readonly IConfiguration Settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Queue"] = "inbox",
        ["Nested:Name"] = "deep",
        ["Empty"] = "",
    }).Build();

    private readonly List<string> _errors = [];

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("%Queue%", "inbox")]
    [InlineData("%queue%", "inbox")]
    [InlineData("a-%Queue%-%Nested__Name%", "a-inbox-deep")]
    [InlineData("%Nested:Name%", "deep")]
    [InlineData("", "")]
    public void TryResolve_KnownSettings_AreReplaced(string text, string expected)
    {
        Assert.True(SettingNames.TryResolve(text, Settings, "here", _errors, out var resolved));

        Assert.Equal(expected, resolved);
        Assert.Empty(_errors);
    }

    [Theory]
    [InlineData("%Missing%", "'%Missing%' names an app setting that is not there")]
    [InlineData("%Empty%", "'%Empty%' names")]
    [InlineData("%%", "'%%' names")]
    [InlineData("50%", "without a second one")]
    [InlineData("%Queue%%", "without a second one")]
    public void TryResolve_Unresolvable_NamesTheSetting(string text, string expected)
    {
        Assert.False(SettingNames.TryResolve(text, Settings, "here", _errors, out var resolved));

        Assert.Null(resolved);
        Assert.Contains(expected, Assert.Single(_errors), StringComparison.Ordinal);
    }
}
