namespace Relay.Cli.Demo;

/// <summary>Bytes that the relay must refuse.</summary>
/// <param name="Name">What is wrong with them, in a few words.</param>
/// <param name="Reason">Reason code they must be dead-lettered with.</param>
/// <param name="Wire">The bytes.</param>
internal sealed record HostileEnvelope(string Name, string Reason, byte[] Wire);
