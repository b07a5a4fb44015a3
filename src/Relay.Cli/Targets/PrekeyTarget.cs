using System.Buffers.Text;
using System.CommandLine;
using System.Text;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Client.Prekeys;
using Spectre.Console;

namespace Relay.Cli.Targets;

/// <summary>Where a delegation's private prekeys are, and where the secret that opens them comes from.</summary>
internal sealed class PrekeyTarget
{
    private const string Default = "RELAY_PREKEY_SECRET";
    private const string KeyPrefix = "key:";

    public Option<string> Secret { get; } = new("--prekey-secret")
    {
        CustomParser = OptionValues.Variable,
        Description =
            "Environment variable with the secret that encrypts the delegation's private prekeys: a passphrase, or 'key:' and 32 random "
                + "bytes in base64url.",
        HelpName = "variable",
        DefaultValueFactory = static _ => Default,
    };

    /// <summary>Folder of a delegation's key store in a negotiation, and of the bundles that it has seen of others.</summary>
    public static string FolderOf(string stateFolder, string delegation, string negotiation) =>
        Path.Combine(stateFolder, "delegations", delegation, "prekeys", negotiation);

    /// <summary>Opens the store, and makes one where there is none.</summary>
    /// <exception cref="CliFault">There is no secret.</exception>
    /// <exception cref="PrekeyStoreException">The secret is another, another process has it open, or a file is damaged.</exception>
    public async Task<PrekeyStore> OpenAsync(
        Terminal terminal, ParseResult parsed, string folder, string delegation, string negotiation, CancellationToken cancellationToken)
    {
        using var secret = await ReadAsync(terminal, parsed, IsThere(folder), cancellationToken)
            ?? throw new CliFault(
                $"The prekeys of {delegation} are encrypted, and the variable {parsed.GetRequiredValue(Secret)} is not set.",
                "Set it to the secret that they were made with (a new store takes any passphrase), or name another with --prekey-secret.");
        return PrekeyStore.Open(folder, negotiation, delegation, secret);
    }

    /// <summary>Opens the store as above; null where there is none and no secret to make one with.</summary>
    public async Task<PrekeyStore?> TryOpenAsync(
        Terminal terminal, ParseResult parsed, string folder, string delegation, string negotiation, CancellationToken cancellationToken) =>
        IsThere(folder) || IsSet(parsed)
            ? await OpenAsync(terminal, parsed, folder, delegation, negotiation, cancellationToken)
            : null;

    private static bool IsThere(string folder) => File.Exists(Path.Combine(folder, "store.jwe"));

    private bool IsSet(ParseResult parsed) => Environment.GetEnvironmentVariable(parsed.GetRequiredValue(Secret)) is { Length: > 0 };

    // Null when there is none and nobody to ask.
    private async Task<StoreSecret?> ReadAsync(Terminal terminal, ParseResult parsed, bool isThere, CancellationToken cancellationToken)
    {
        var name = parsed.GetRequiredValue(Secret);
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) return Parse(name, value);
        if (!terminal.IsInteractive) return null;
        var first = await AskAsync("Passphrase of the prekeys:");
        if (!isThere && await AskAsync("The same again:") != first)
        {
            throw new CliFault("The two passphrases differ.", "Nothing was made: begin again.");
        }
        return StoreSecret.FromPassphrase(first);

        Task<string> AskAsync(string what) => new TextPrompt<string>(what).Secret(null).ShowAsync(terminal.Notes, cancellationToken);
    }

    private static StoreSecret Parse(string name, string value)
    {
        if (!value.StartsWith(KeyPrefix, StringComparison.Ordinal)) return StoreSecret.FromPassphrase(value);
        var text = Encoding.ASCII.GetBytes(value[KeyPrefix.Length..]);
        var key = new byte[StoreSecret.KeySize + 3];
        try
        {
            return Base64Url.TryDecodeFromUtf8(text, key, out var length) && length == StoreSecret.KeySize
                ? StoreSecret.FromKey(key.AsSpan(0, length))
                : throw NoKey(name);
        }
        catch (FormatException)
        {
            throw NoKey(name);
        }
        finally
        {
            Array.Clear(key);
        }
    }

    private static CliFault NoKey(string name) => new(
        $"The variable {name} begins with '{KeyPrefix}' and holds no key.",
        $"Expected {StoreSecret.KeySize} bytes in base64url after it, or a passphrase that begins otherwise.");
}
