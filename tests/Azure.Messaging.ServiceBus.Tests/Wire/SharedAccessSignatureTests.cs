using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus.Tests.Wire;

public sealed class SharedAccessSignatureTests
{
    // Known answers checked against @azure/service-bus 7.9.5; key SAS_KEY_VALUE.
    [Theory]
    [InlineData("https%3a%2f%2flocalhost%3a5301%2fq1%3fapi-version%3d2021-05", "1795336525", "5D5Lg+WMn/suZ6HdfacRAdTuDlpnBtT5xkjA7/tgYfo=")]
    [InlineData("localhost%3A5301", "1795339824", "cm9fMDaiI3yGU9PmCnKhZMywfn+mQYHP6gluW/Wt/fI=")]
    [InlineData("sb%3A%2F%2Flocalhost%2Fq1", "1735689600", "60hJYaoxsUMU7OVdxps1WqPhbbE59R4704p5hTr8+VI=")]
    public void Sign_KnownAnswers_Match(string resource, string expiry, string expected) =>
        Assert.Equal(expected, SharedAccessSignature.Sign(resource, expiry, "SAS_KEY_VALUE"));

    [Fact]
    public void Sign_AnyFieldChanged_GivesAnother()
    {
        var signature = SharedAccessSignature.Sign("sb%3A%2F%2Flocalhost%2Fq1", "1735689600", "SAS_KEY_VALUE");

        Assert.NotEqual(signature, SharedAccessSignature.Sign("sb%3A%2F%2Flocalhost%2Fq2", "1735689600", "SAS_KEY_VALUE"));
        Assert.NotEqual(signature, SharedAccessSignature.Sign("sb%3A%2F%2Flocalhost%2Fq1", "1735689601", "SAS_KEY_VALUE"));
        Assert.NotEqual(signature, SharedAccessSignature.Sign("sb%3A%2F%2Flocalhost%2Fq1", "1735689600", "SAS_KEY_VALUF"));
    }

    [Fact]
    public void Create_WholeToken_HasTheFourFieldsEncoded() => Assert.Equal(
        "SharedAccessSignature sr=sb%3A%2F%2Flocalhost%2Fq1&sig=60hJYaoxsUMU7OVdxps1WqPhbbE59R4704p5hTr8%2BVI%3D&se=1735689600&skn=Root%26",
        SharedAccessSignature.Create("sb://localhost/q1", "Root&", "SAS_KEY_VALUE", DateTimeOffset.FromUnixTimeSeconds(1735689600)));
}
