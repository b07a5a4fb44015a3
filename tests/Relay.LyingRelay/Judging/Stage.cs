using Relay.LyingRelay.Serving;

namespace Relay.LyingRelay.Judging;

/// <summary>Where a lie is judged.</summary>
/// <param name="Folder">The parties' state folders, and everything that is written meanwhile.</param>
/// <param name="KeyFile">The public keys that everybody has.</param>
/// <param name="Pem">The certificate that commands show.</param>
/// <param name="Server">Where the log is served.</param>
internal sealed record Stage(string Folder, string KeyFile, string Pem, LogServer Server);
