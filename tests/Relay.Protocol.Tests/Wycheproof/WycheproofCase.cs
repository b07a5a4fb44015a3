namespace Relay.Protocol.Tests.Wycheproof;

/// <summary>One case: what its group has in common, and its cells by the name of their column.</summary>
internal sealed record WycheproofCase(string Group, Dictionary<string, string> Cells)
{
    public bool IsValid => Text("result") == "valid";

    public string Name => $"tcId {Text("tcId")}";

    public string Text(string column) => Cells[column];

    public byte[] Hex(string column) => Convert.FromHexString(Cells[column]);
}
