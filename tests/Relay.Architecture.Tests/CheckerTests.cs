using System.Text.RegularExpressions;

namespace Relay.Architecture.Tests;

/// <summary>The checker of ledgers judges the committer, so it reads everything by code of its own: a mistake in a shared reader would be made twice and seen by nobody.</summary>
public sealed partial class CheckerTests
{
    private const string Folder = "src/Relay.Core/Checking/";

    // Hashes, signatures and the store: what both may use.
    private static readonly string[] Allowed =
    [
        "using Relay.Core.Ledger.Store;",
        "using Digest = Relay.Protocol.Text.Digest;",
        "using MerkleHash = Relay.Protocol.Ledger.MerkleHash;",
        "using JwsAlgorithms = Relay.Protocol.Signatures.JwsAlgorithms;",
        "using PublicJwk = Relay.Protocol.Keys.PublicJwk;",
        "using SignatureFault = Relay.Protocol.Signatures.SignatureFault;",
        "using VerificationKey = Relay.Protocol.Signatures.VerificationKey;",
    ];

    [Fact]
    public void Checker_NamesNothingOfTheCommitter()
    {
        var files = Repository.CSharpFiles("src").Where(file => file.Path.StartsWith(Folder, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(files);
        var found = files.SelectMany(file => file.Lines
            .Where(line => !Allowed.Contains(line) && line != "namespace Relay.Core.Checking;" && !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .Where(line => Foreign().IsMatch(line))
            .Select(line => $"{file.Path}: {line.Trim()}"));
        Assert.Empty(found);
    }

    [Fact]
    public void Committer_NamesNothingOfTheChecker()
    {
        var found = Repository.CSharpFiles("src").Where(file => file.Path.StartsWith("src/Relay.Core/", StringComparison.Ordinal) && !file.Path.StartsWith(Folder, StringComparison.Ordinal))
            .Where(file => file.Lines.Any(line => line.Contains("Checking", StringComparison.Ordinal)))
            .Select(file => file.Path);
        Assert.Empty(found);
    }

    // A namespace of ours, whole or from where the checker's own begins.
    [GeneratedRegex(@"\b(Relay|Core|Protocol)\.[A-Z]|\bLedger\.[A-Z]\w*\.|\busing Relay|\busing \w+ = Relay|\b(Deciding|Committing|Publishing|Reading|Checkpoints|State)\.[A-Z]")]
    private static partial Regex Foreign();
}
