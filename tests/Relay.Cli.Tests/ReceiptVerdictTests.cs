using Relay.Cli.Commands;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;

namespace Relay.Cli.Tests;

/// <summary>What a receipt that does not hold comes to, whatever it is of.</summary>
public sealed class ReceiptVerdictTests
{
    public static TheoryData<ReceiptFault> Faults => [.. Enum.GetValues<ReceiptFault>().Except([ReceiptFault.None])];

    [Theory]
    [MemberData(nameof(Faults))]
    public void No_EachFault_IsBadButACompromisedKeyWhichIsNotProved(ReceiptFault fault)
    {
        using var output = new StringWriter();
        var code = VerifyCommand.No(
            Terminal.Of(output, TextWriter.Null, Stream.Null, TimeProvider.System), new ReceiptCheck(fault, false, "what came"));
        Assert.Equal(fault == ReceiptFault.CompromisedVaultKey ? ExitCode.NotProved : ExitCode.Bad, code);
        Assert.Contains("what came", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_KeyThatCannotBeRead_IsNoVerdict() => Assert.Throws<CliFault>(
        () => VerifyCommand.No(
            Terminal.Of(TextWriter.Null, TextWriter.Null, Stream.Null, TimeProvider.System), new ReceiptCheck(ReceiptFault.None, true, "no")));
}
