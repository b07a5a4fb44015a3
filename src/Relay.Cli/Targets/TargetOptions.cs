using System.CommandLine;
using System.Diagnostics;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Parsing;
using Relay.Local;

namespace Relay.Cli.Targets;

/// <summary>
/// The options by which a command finds its Service Bus, vault and function app: a running local stack unless others are named.
/// </summary>
internal sealed class TargetOptions
{
    /// <summary>Names the local stack where a bus may be named.</summary>
    public const string LocalStack = "local";

    private const string Principal = "relay-cli";
    private const string NoStack = "Start one with 'relay up' in another shell (same folder, or the same --state)";

    public Option<string> State { get; } = new("--state")
    {
        CustomParser = FileValues.FolderPath,
        Description = "Folder of the local stack: its keys, directory documents and addresses.",
        HelpName = "folder",
        DefaultValueFactory = static _ => ".relay",
    };

    public Option<string> Negotiation { get; } = new("--negotiation", "-n")
    {
        CustomParser = OptionValues.Name,
        Description = "Name of the negotiation.",
        HelpName = "name",
        DefaultValueFactory = static _ => "doha-2026",
    };

    public Option<string?> ServiceBus { get; } = new("--service-bus")
    {
        CustomParser = AddressValues.ServiceBus,
        Description =
            "Service Bus to use instead of the local stack's: a connection string, or a namespace such as ns.servicebus.windows.net.",
        HelpName = "connection",
    };

    public Option<Uri?> Vault { get; } = new("--vault")
    {
        CustomParser = AddressValues.Vault,
        Description = "Key Vault to use instead of the local stack's, e.g. https://kv.vault.azure.net.",
        HelpName = "url",
    };

    public Option<Uri?> Http { get; } = new("--url")
    {
        CustomParser = AddressValues.FunctionApp,
        Description = "Function app to use instead of the local stack's, e.g. https://relay.azurewebsites.net.",
        HelpName = "url",
    };

    public string StateFolder(ParseResult parsed) => Path.GetFullPath(parsed.GetRequiredValue(State));

    public ServiceBusClient OpenServiceBus(ParseResult parsed) => OpenServiceBus(parsed, parsed.GetValue(ServiceBus));

    /// <param name="named">A connection string or a namespace; null for the local stack's.</param>
    public ServiceBusClient OpenServiceBus(ParseResult parsed, string? named)
    {
        if (named is not null && !named.Contains('='))
        {
            return new ServiceBusClient(named, new DefaultAzureCredential());
        }

        return new ServiceBusClient(named ?? Running(parsed, "--service-bus").ServiceBus);
    }

    /// <param name="parsed">Names the vault, or none for the local stack's.</param>
    /// <param name="time">The clock of the logins.</param>
    /// <param name="otherState">A second folder in which a stack may keep
    /// the certificate of a vault on this machine; null for none.</param>
    public KeyClient OpenVault(ParseResult parsed, TimeProvider time, string? otherState = null)
    {
        if (parsed.GetValue(Vault) is not { } named) return LocalVault.Open(Running(parsed, "--vault"), Principal, time);
        if (!named.IsLoopback) return new KeyClient(named, new DefaultAzureCredential());
        string[] folders = otherState is null ? [StateFolder(parsed)] : [StateFolder(parsed), otherState];
        var stack = folders.Select(LocalEndpoints.TryRead).OfType<LocalEndpoints>().FirstOrDefault(stack => stack.Vault.Port == named.Port);
        return stack is not null
            ? LocalVault.Open(stack, Principal, time)
            : throw new CliFault(
                $"The vault at {named} is not that of a local stack on {string.Join(" or ", folders)}.",
                "Name the folder of its stack with --state: its certificate is kept there.");
    }

    public Uri HttpAddress(ParseResult parsed) => parsed.GetValue(Http) ?? Running(parsed, "--url").Http;

    public LocalEndpoints Running(ParseResult parsed, string option)
    {
        var folder = StateFolder(parsed);
        var endpoints = LocalEndpoints.TryRead(folder)
            ?? throw new CliFault($"No local stack runs on {folder}.", $"{NoStack}, or pass {option}.");
        if (!IsRunning(endpoints.ProcessId))
        {
            throw new CliFault(
                $"The local stack on {folder} has ended (process {endpoints.ProcessId} is gone).", $"{NoStack}, or pass {option}.");
        }

        return endpoints;
    }

    /// <summary>True when a local stack runs on the state folder.</summary>
    public bool IsRunning(ParseResult parsed) => FindRunning(StateFolder(parsed)) is not null;

    /// <summary>The local stack that runs on a state folder; null when none does.</summary>
    public static LocalEndpoints? FindRunning(string folder) =>
        LocalEndpoints.TryRead(folder) is { } local && IsRunning(local.ProcessId) ? local : null;

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
