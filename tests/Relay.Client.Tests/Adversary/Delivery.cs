namespace Relay.Client.Tests.Adversary;

/// <summary>What the recipient is handed.</summary>
internal sealed class Delivery(Planned planned, byte[] wire, string? receipt)
{
    public Planned Planned { get; } = planned;

    public byte[] Wire { get; set; } = wire;

    public string? Receipt { get; set; } = receipt;
}
