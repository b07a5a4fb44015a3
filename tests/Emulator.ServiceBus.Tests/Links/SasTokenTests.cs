using Emulator.ServiceBus.Links;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Links;

public sealed class SasTokenTests
{
    // Computed by the official clients for key SAS_KEY_VALUE: sr as it stands in the token, expiry, signature.
    [Theory]
    [InlineData(
        "https%3a%2f%2flocalhost%3a5301%2fq1%3fapi-version%3d2021-05", "1795336525", "5D5Lg+WMn/suZ6HdfacRAdTuDlpnBtT5xkjA7/tgYfo=")]
    [InlineData("localhost%3A5301", "1795339824", "cm9fMDaiI3yGU9PmCnKhZMywfn+mQYHP6gluW/Wt/fI=")]
    [InlineData("sb%3A%2F%2Flocalhost%2Fq1", "1735689600", "60hJYaoxsUMU7OVdxps1WqPhbbE59R4704p5hTr8+VI=")]
    public void IsSignedWith_TokensOfOfficialClients_HoldsForTheirKeyOnly(string resource, string expiry, string signature)
    {
        var token = $"SharedAccessSignature se={expiry}&sig={Uri.EscapeDataString(signature)}&skn=Root&sr={resource}";

        Assert.True(SasToken.TryParse(token, out var parsed));
        Assert.True(parsed.IsSignedWith("SAS_KEY_VALUE"));
        Assert.False(parsed.IsSignedWith("SAS_KEY_VALUe"));
        Assert.Equal(Uri.UnescapeDataString(resource), parsed.Resource);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SharedAccessSignature ")]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=x&skn=c")]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=99999999999999999&skn=c")]
    [InlineData("SharedAccessSignature sr=a&sig=b&skn=c")]
    [InlineData("Bearer sr=a&sig=b&se=1&skn=c")]
    public void TryParse_NotAToken_IsRefused(string token) => Assert.False(SasToken.TryParse(token, out _));

    [Fact]
    public void Validate_Strict_TellsEachFault()
    {
        var time = new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1735689599));
        var strict = new TokenValidator(new Dictionary<string, string> { ["Root"] = "SAS_KEY_VALUE" }, time);
        const string Good =
            "SharedAccessSignature "
                + "sr=sb%3A%2F%2Flocalhost%2Fq1&sig=60hJYaoxsUMU7OVdxps1WqPhbbE59R4704p5hTr8%2BVI%3D&se=1735689600&skn=Root";

        Assert.Equal(
            TokenFault.None, strict.Validate("servicebus.windows.net:sastoken", Good, "sb://localhost/q1/$management", out var grant));
        Assert.True(grant!.Value.Covers("Q1/$DeadLetterQueue"));
        Assert.False(grant.Value.Covers("q12"));
        Assert.Equal(TokenFault.WrongAudience, strict.Validate(null, Good, "sb://localhost/q2", out _));
        Assert.Equal(
            TokenFault.BadSignature,
            strict.Validate(null, Good.Replace("60hJ", "61hJ", StringComparison.Ordinal), "sb://localhost/q1", out _));
        Assert.Equal(
            TokenFault.UnknownKey,
            strict.Validate(null, Good.Replace("Root", "Other", StringComparison.Ordinal), "sb://localhost/q1", out _));
        Assert.Equal(TokenFault.Malformed, strict.Validate(null, "nonsense", "sb://localhost/q1", out _));
        Assert.Equal(TokenFault.UnknownKey, strict.Validate("jwt", "a.b.c", "sb://localhost/q1", out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenFault.Expired, strict.Validate(null, Good, "sb://localhost/q1", out _));
    }
}
