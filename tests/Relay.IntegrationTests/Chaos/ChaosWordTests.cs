using Relay.Local.Chaos;

namespace Relay.IntegrationTests.Chaos;

/// <summary>What a word of chaos means, and what is told of one that is none.</summary>
public sealed class ChaosWordTests
{
    [Theory]
    [InlineData("bus=down", "Bus", "down")]
    [InlineData("vault=slow", "Vault", "slow:2000ms")]
    [InlineData("ledger=slow:150ms", "Ledger", "slow:150ms")]
    [InlineData("directory=slow:10m", "Directory", "slow:600000ms")]
    [InlineData("vault=erroring", "Vault", "erroring")]
    [InlineData("all=back", "Bus,Ledger,Vault,Directory", "back")]
    [InlineData("all=drop", "Bus,Ledger,Vault,Directory", "")]
    public void Word_OfADependency_SaysWhichAndWhat(string text, string dependencies, string disturbance)
    {
        Assert.True(ChaosWord.TryParse(text, out var word, out _));
        Assert.Equal(dependencies, string.Join(',', word.Dependencies));
        Assert.Equal(disturbance, word.Disturbance?.ToString() ?? "");
        Assert.Null(word.ClockSkew);
        Assert.Null(word.TimeShift);
    }

    [Theory]
    [InlineData("clock=+10m", 600)]
    [InlineData("clock=-10m", -600)]
    [InlineData("clock=0", 0)]
    [InlineData("clock=90s", 90)]
    public void Word_OfTheClock_SaysHowFarItIsOff(string text, int seconds)
    {
        Assert.True(ChaosWord.TryParse(text, out var word, out _));
        Assert.Equal(TimeSpan.FromSeconds(seconds), word.ClockSkew);
        Assert.Null(word.TimeShift);
        Assert.Empty(word.Dependencies);
    }

    [Fact]
    public void Word_OfTime_MovesEveryClock()
    {
        Assert.True(ChaosWord.TryParse("time=+1h", out var word, out _));
        Assert.Equal(TimeSpan.FromHours(1), word.TimeShift);
        Assert.Null(word.ClockSkew);
    }

    [Theory]
    [InlineData("")]
    [InlineData("vault")]
    [InlineData("vault=")]
    [InlineData("vault=sideways")]
    [InlineData("safe=down")]
    [InlineData("vault=slow:")]
    [InlineData("vault=slow:0")]
    [InlineData("vault=slow:-1s")]
    [InlineData("vault=slow:11m")]
    [InlineData("vault=slow:2")]
    [InlineData("vault=slow:99999999999d")]
    [InlineData("vault=down=down")]
    [InlineData("clock=10")]
    [InlineData("clock=+4000d")]
    [InlineData("time=soon")]
    public void Text_ThatIsNoWord_IsToldWhatWasExpectedAndWhatCame(string text)
    {
        Assert.False(ChaosWord.TryParse(text, out _, out var error));
        Assert.StartsWith("expected bus, vault, ledger, directory or all, then =down", error, StringComparison.Ordinal);
        Assert.EndsWith($"got '{text}'", error, StringComparison.Ordinal);
    }
}
