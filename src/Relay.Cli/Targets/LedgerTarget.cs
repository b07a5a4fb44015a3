using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Parsing;
using Relay.Client.Delegations;
using Relay.Client.KeyVault;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Local;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Targets;

/// <summary>
/// The options by which a command knows which relay's signatures to believe, where its log is, and what a delegation has kept of it.
/// </summary>
internal sealed class LedgerTarget
{
    /// <summary>Name of a local stack's relay.</summary>
    public const string Local = "relay.local";

    private static readonly TimeSpan KeyMaxAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LinkEvery = TimeSpan.FromSeconds(10);

    public Option<string> RelayName { get; } = new("--relay-name")
    {
        CustomParser = OptionValues.RelayNamed,
        Description = "Name of the relay, as its operator tells it; its ledgers' origins begin with it.",
        HelpName = "name",
        DefaultValueFactory = static _ => Local,
    };

    public Option<string?> RelayKey { get; } = new("--relay-key")
    {
        CustomParser = AddressValues.VaultKey,
        Description = "The relay's key in Key Vault, without version, e.g. https://kv.vault.azure.net/keys/relay-checkpoint. "
            + "Default: that key in the vault in use.",
        HelpName = "url",
    };

    public Option<FileInfo?> KeyFile { get; } = new("--key")
    {
        CustomParser = FileValues.Input("Make one with 'relay keys export'."),
        Description = "File with the public keys of relay and mediators, as 'relay keys export' writes it: then no vault is asked.",
        HelpName = "file",
    };

    public Option<FileInfo?> ClientCertificate { get; } = new("--client-certificate")
    {
        CustomParser = FileValues.Input("Give the path of a PEM file with a certificate and its key."),
        Description = "PEM file with the certificate and key to show to the function app named by --url; "
            + "the negotiation's document must name it.",
        HelpName = "file",
    };

    /// <summary>Where public keys come from, a file or the vault in use, and which of them is the relay's.</summary>
    public async Task<(IMediatorKeys Keys, string RelayKey)> OpenKeysAsync(
        ParseResult parsed, TargetOptions target, TimeProvider time, CancellationToken cancellationToken)
    {
        var named = parsed.GetValue(RelayKey);
        if (parsed.GetValue(KeyFile) is { } file)
        {
            var keys = await PublicKeyFiles.ReadAsync(file, cancellationToken);
            return (keys, named ?? keys.KeyNamed(VaultPublicKeys.RelayKey));
        }
        var vault = target.OpenVault(parsed, time);
        return (KeysOf(vault, time), named ?? new Uri(vault.VaultUri, $"keys/{VaultPublicKeys.RelayKey}").AbsoluteUri);
    }

    /// <summary>Public keys of the vault in use.</summary>
    public static IMediatorKeys OpenVaultKeys(ParseResult parsed, TargetOptions target, TimeProvider time) =>
        KeysOf(target.OpenVault(parsed, time), time);

    /// <summary>Verifies what the relay signs.</summary>
    public LedgerTrust OpenTrust(ParseResult parsed, string negotiation, (IMediatorKeys Keys, string RelayKey) found, TimeProvider time)
    {
        try
        {
            return new LedgerTrust(parsed.GetRequiredValue(RelayName), negotiation, found.RelayKey, found.Keys, time);
        }
        catch (ArgumentException exception)
        {
            throw new CliFault(exception.Message, "Give the key without its version.", exception);
        }
    }

    /// <summary>True when it is known where the log is: a local stack's, or one named by option.</summary>
    public bool CanOpenLog(ParseResult parsed, TargetOptions target) =>
        parsed.GetValue(target.Http) is null ? target.IsRunning(parsed) : parsed.GetValue(ClientCertificate) is not null;

    /// <summary>The relay's log as a delegation may read it; the caller disposes the client.</summary>
    public HttpClient OpenLog(ParseResult parsed, TargetOptions target, string delegation, TimeProvider time) =>
        Open(parsed, target, folder => LocalCertificates.Client(folder, delegation, time));

    /// <summary>The relay as one of its operators may use it; the caller disposes the client.</summary>
    public HttpClient OpenAsOperator(ParseResult parsed, TargetOptions target, TimeProvider time) =>
        Open(parsed, target, folder => LocalCertificates.Operator(folder, time));

    private HttpClient Open(ParseResult parsed, TargetOptions target, Func<string, X509Certificate2> local)
    {
        if (parsed.GetValue(target.Http) is not { } named)
        {
            return LocalCertificates.OpenClient(target.Running(parsed, "--url"), local(target.StateFolder(parsed)));
        }

        var file = parsed.GetValue(ClientCertificate) ?? throw new CliFault(
            "--client-certificate is missing.",
            "A relay is read by those whom the negotiation's document names: show it your certificate.");
        var certificate = ReadCertificate(file);
        if (named.IsLoopback && LocalEndpoints.TryRead(target.StateFolder(parsed)) is { } stack)
        {
            // Its certificate is its own, and kept in the state folder.
            if (named.Port == stack.Https.Port) return LocalCertificates.OpenClient(stack, certificate);
            if (named.Port == stack.Http.Port)
            {
                throw new CliFault(
                    $"{named} is the local stack without TLS, where no certificate is shown.", $"Leave --url out, or name {stack.Https}.");
            }
        }

        var handler = new SocketsHttpHandler();
        handler.SslOptions.ClientCertificates = [certificate];
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, certificates, _, _) => certificates[0];
        return new HttpClient(handler) { BaseAddress = new Uri(named.AbsoluteUri.TrimEnd('/') + "/") };
    }

    /// <summary>
    /// The relay's HTTP API for what proves itself: with the certificate where one is named, without where not; null when it is not known
    /// where it is. The caller disposes the client.
    /// </summary>
    public HttpClient? TryOpenApi(ParseResult parsed, TargetOptions target, string delegation, TimeProvider time) =>
        CanOpenLog(parsed, target)
            ? OpenLog(parsed, target, delegation, time)
            : parsed.GetValue(target.Http) is { } named
            ? new HttpClient { BaseAddress = named }
            : null;

    /// <summary>Nothing was shown, so nothing could be checked.</summary>
    public static CliFault NoLedger(string negotiation) => new(
        $"The relay shows no ledger of {negotiation}.", "Has anything been logged yet? Is the relay reachable?");

    private static X509Certificate2 ReadCertificate(FileInfo file)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file.FullName);
        }
        catch (CryptographicException exception)
        {
            throw new CliFault(
                $"{file.FullName} is no certificate with its key: {exception.Message}",
                "Give a PEM file that holds both, the key without a password.",
                exception);
        }
    }

    /// <summary>Checks receipts with what is open.</summary>
    public static LedgerChecks Checks(
        LedgerTrust trust, InboxState state, ILedgerLog? log, IEnumerable<NegotiationDocument> documents, TimeProvider time) =>
        new(trust, state.View, log, documents, LinkEvery, time);

    private static KeyVaultMediatorKeys KeysOf(KeyClient vault, TimeProvider time) => new(_ => vault, KeyMaxAge, time);
}
