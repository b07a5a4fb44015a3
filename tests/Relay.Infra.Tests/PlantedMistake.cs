namespace Relay.Infra.Tests;

/// <summary>A mistake put into one file, which a check must catch.</summary>
/// <param name="Find">Occurs in the file; its first occurrence is replaced.</param>
/// <param name="Code">Of the check that must catch it.</param>
/// <param name="Also">Codes that follow from the mistake; nothing else may be found.</param>
/// <param name="Compiler">Code of the compiler's or its linter's rule that finds it too; null for what they cannot know.</param>
internal sealed record PlantedMistake(
    string Name, string File, string Find, string Replace, string Code, string? Compiler = null, string Also = "")
{
    private const string Access = "modules/access.bicep";
    private const string App = "modules/app.bicep";
    private const string Bus = "modules/serviceBus.bicep";
    private const string Data = "modules/storage.bicep";
    private const string Main = "main.bicep";
    private const string Vault = "modules/keyVault.bicep";
    private const string Prod = "parameters/prod.bicepparam";

    public static IReadOnlyList<PlantedMistake> All { get; } =
    [
        new("syntax: a brace is missing", Bus, "  sku: {\n", "  sku: \n", "PARSE", "BCP007", Also: "UNKNOWN UNUSED PROPERTY"),
        new("syntax: a string does not end", Prod, "'westeurope'", "'westeurope", "PARSE", "BCP004", Also: "UNKNOWN"),
        new(
            "syntax: half a declaration",
            Vault,
            "output uri string = vault.properties.vaultUri",
            "output uri string =",
            "PARSE",
            "BCP009",
            Also: "UNDECLARED"),
        new("names: a misspelt variable", Main, "hasSecond ? 'Standard_GZRS'", "hasSecnd ? 'Standard_GZRS'", "UNDECLARED", "BCP057"),
        new(
            "names: a misspelt loop variable",
            Bus,
            "lockDuration: queue.lockDuration",
            "lockDuration: que.lockDuration",
            "UNDECLARED",
            "BCP057"),
        new("names: an unused variable", Bus, "var tier =", "var unused = 1\nvar tier =", "UNUSED", "no-unused-vars"),
        new(
            "names: an unused parameter",
            Vault,
            "var mediatorKeys",
            "@description('Nothing.')\nparam extra string = ''\nvar mediatorKeys",
            "UNUSED",
            "no-unused-params"),
        new(
            "names: an unused reference",
            Access,
            "var roles = {",
            "resource other 'Microsoft.KeyVault/vaults@2024-11-01' existing = {\n  name: vaultName\n}\nvar roles = {",
            "UNUSED",
            "no-unused-existing-resources"),
        new("names: a symbol twice", Bus, "var tier =", "var replicated = true\nvar tier =", "DUPLICATE", "BCP028"),
        new("names: an unknown function", Main, "uniqueString(subscription().id", "uniqeString(subscription().id", "FUNCTION", "BCP082"),
        new(
            "names: too many arguments",
            Main,
            "take(replace(environmentName, '-', ''), 7)",
            "take(replace(environmentName, '-', ''), 7, 1)",
            "FUNCTION",
            "BCP071"),
        new("names: an unknown decorator", Main, "@minLength(2)", "@minimumLength(2)", "DECORATOR", "BCP057"),
        new(
            "names: two items without a comma",
            "modules/privateEndpoint.bicep",
            "groupIds: [groupId]",
            "groupIds: [groupId groupId]",
            "SEPARATOR",
            "BCP236"),
        new("names: no description", Main, "@description('Who gets alerts by mail.')\n", "", "DESCRIPTION"),
        new("modules: a path that does not exist", Main, "'modules/keyVault.bicep'", "'modules/keyvault.bicep'", "MODULE-PATH", "BCP091"),
        new(
            "modules: an unknown parameter",
            Main,
            "    hsmKeys: hsmKeys\n",
            "    hsmKeys: hsmKeys\n    hardware: true\n",
            "PARAMETER-UNKNOWN",
            "BCP037"),
        new("modules: a missing parameter", Main, "    hsmKeys: hsmKeys\n", "", "PARAMETER-MISSING", "BCP035", Also: "UNUSED"),
        new(
            "modules: a parameter of the wrong type",
            Main,
            "    hsmKeys: hsmKeys\n",
            "    hsmKeys: 'yes'\n",
            "PARAMETER-TYPE",
            "BCP036",
            Also: "UNUSED"),
        new(
            "modules: a parameter of the wrong type, through a name",
            Main,
            "    messagingUnits: messagingUnits\n",
            "    messagingUnits: busTier\n",
            "PARAMETER-TYPE",
            "BCP036",
            Also: "UNUSED"),
        new("modules: a value that is not allowed", Main, "'Standard_GZRS' : ", "'Standard_GRS' : ", "BCP036", "BCP036"),
        new("modules: an output that does not exist", Main, "vault.outputs.uri", "vault.outputs.url", "MODULE-OUTPUT", "BCP083"),
        new("modules: no scope", Main, "  name: 'relay-vault'\n  scope: group\n", "  name: 'relay-vault'\n", "BCP134", "BCP134"),
        new(
            "modules: a member that modules do not have",
            Main,
            "  name: 'relay-vault'\n",
            "  name: 'relay-vault'\n  location: location\n",
            "MODULE-MEMBER",
            "BCP037"),
        new("parameters: unknown", Prod, "param hsmKeys =", "param hsm =", "PARAMETER-UNKNOWN", "BCP259"),
        new("parameters: the wrong type", Prod, "param hsmKeys = true", "param hsmKeys = 'true'", "PARAMETER-TYPE", "BCP033"),
        new("parameters: missing", Prod, "param location = 'westeurope'\n", "", "PARAMETER-MISSING", "BCP258"),
        new("parameters: not allowed", Prod, "param messagingUnits = 1", "param messagingUnits = 3", "BCP036", "BCP327"),
        new("parameters: out of range", Prod, "param recoveryDays = 90", "param recoveryDays = 91", "BCP328", "BCP327"),
        new(
            "parameters: too long",
            Prod,
            "param environmentName = 'prod'",
            "param environmentName = 'production-of-the-relay'",
            "BCP332",
            "BCP332"),
        new("parameters: for a file that does not exist", Prod, "'../main.bicep'", "'main.bicep'", "MODULE-PATH", "BCP091"),
        new(
            "resources: a type that is not allowed",
            Bus,
            "Microsoft.ServiceBus/namespaces/queues@",
            "Microsoft.ServiceBus/namespaces/AuthorizationRules@",
            "TYPE",
            "BCP037"),
        new(
            "resources: another API version",
            Bus,
            "Microsoft.ServiceBus/namespaces/queues@2026-01-01",
            "Microsoft.ServiceBus/namespaces/queues@2021-11-01",
            "VERSION"),
        new("resources: a misspelt property", Bus, "maxDeliveryCount: queue", "maxDeliverCount: queue", "PROPERTY", "BCP089"),
        new(
            "resources: a property at the wrong level",
            Vault,
            "  tags: tags\n  properties: {\n    tenantId",
            "  tags: tags\n  enablePurgeProtection: true\n  properties: {\n    tenantId",
            "PROPERTY",
            "BCP037"),
        new(
            "resources: a property of a topic on a queue",
            Bus,
            "    requiresSession: queue.requiresSession\n",
            "    supportOrdering: true\n",
            "PROPERTY",
            "BCP037"),
        new("resources: no parent", Bus, "  parent: namespace\n", "", "REQUIRED"),
        new("resources: no name", Bus, "  name: name\n", "", "REQUIRED", "BCP035", Also: "UNUSED"),
        new("resources: no scope", Vault, "  scope: vault\n", "", "REQUIRED"),
        new(
            "resources: a fixed region",
            Vault,
            "  location: location\n",
            "  location: 'westeurope'\n",
            "LOCATION",
            "no-hardcoded-location",
            Also: "UNUSED"),
        new("resources: a value that topology.json does not have", Bus, "queue.lockDuration", "queue.lockTime", "EVAL"),
        new(
            "names of resources: too long",
            Main,
            "'kv-${short}-${token}'",
            "'kv-relay-${short}-${token}'",
            "NAME",
            "BCP335",
            Also: "BCP332"),
        new("names of resources: not allowed", Main, "'std${short}${token}'", "'std-${short}${token}'", "NAME"),
        new(
            "names of resources: a deployment's too long",
            Bus,
            "'relay-topic-${uniqueString(topic.name)}'",
            "'relay-topic-${topic.name}-topic'",
            "NAME"),
        new(
            "names of resources: the same twice",
            Bus,
            "'relay-topic-${uniqueString(topic.name)}'\n  params: {\n    namespaceName: namespace.name\n    topic: topic",
            "'relay-topic-${uniqueString(topic.name)}'\n  params: {\n    namespaceName: namespace.name\n    topic: topics[0]",
            "TWICE"),
        new(
            "secrets: keys are listed",
            Bus,
            "output id string = namespace.id",
            "output id string = namespace.listKeys().keyName",
            "SECRET",
            "outputs-should-not-contain-secrets",
            Also: "FUNCTION"),
        new(
            "secrets: a key is handed out",
            Bus,
            "output id string = namespace.id",
            "output id string = namespace.properties.primaryKey",
            "SECRET-OUTPUT",
            "BCP053"),
        new(
            "secrets: a connection string that admits by key",
            "modules/monitoring.bicep",
            "    DisableLocalAuth: true\n",
            "    DisableLocalAuth: false\n",
            "SECRET-OUTPUT"),
        new("secrets: written down", App, "'managedidentity'", "'Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=abc='", "SECRET"),
        new(
            "secrets: a parameter for one",
            Main,
            "var hasSecond = !empty(secondLocation)",
            "@description('Of the bus.')\nparam busConnectionString string = ''\nvar hasSecond = "
                + "!empty('${secondLocation}${busConnectionString}')",
            "SECRET"),
        new("roles: an unknown id", Access, "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e1", "ROLE"),
        new(
            "roles: the contributor role of the control plane",
            Access,
            "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
            "b24988ac-6180-42a0-ab88-20f7382dd24c",
            "ROLE"),
        new("roles: receive on the whole namespace", Access, "  scope: inboxes[i]\n", "  scope: bus\n", "ROLE-SCOPE"),
        new("roles: receive on a topic", Access, "  scope: inboxes[i]\n", "  scope: inboxTopics[i]\n", "ROLE-SCOPE"),
        new("roles: sign with every key of the vault", Access, "  scope: ownKeys[i]\n", "  scope: vault\n", "ROLE-SCOPE"),
        new("roles: read every container", Access, "  scope: containers[i]\n", "  scope: data\n", "ROLE-SCOPE"),
        new(
            "roles: own role with one action more",
            "modules/signingRole.bicep",
            "'Microsoft.KeyVault/vaults/keys/sign/action'",
            "'Microsoft.KeyVault/vaults/keys/sign/action'\n          'Microsoft.KeyVault/vaults/keys/update/action'",
            "ROLE"),
        new("roles: no principal type", Access, "    principalType: 'ServicePrincipal'\n", "", "ROLE"),
        new("hardening: SAS keys on", Bus, "disableLocalAuth: true", "disableLocalAuth: false", "HARDENING"),
        new("hardening: shared keys on", Data, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "HARDENING"),
        new("hardening: no purge protection", Vault, "    enablePurgeProtection: true\n", "", "HARDENING"),
        new("hardening: plain HTTP", App, "httpsOnly: true", "httpsOnly: false", "HARDENING"),
        new("hardening: keys that can be exported", Vault, "exportable: false", "exportable: true", "HARDENING"),
    ];

    /// <summary>
    /// Grants widened to something that the services would accept: nothing is wrong with the files, only with who may do what.
    /// </summary>
    public static IReadOnlyList<PlantedMistake> Widened { get; } =
    [
        new("every delegation receives the first one's inbox", Access, "  scope: inboxes[i]\n", "  scope: inboxes[0]\n", ""),
        new("every mediator signs with the first one's key", Access, "  scope: ownKeys[i]\n", "  scope: ownKeys[0]\n", ""),
        new("mediators sign with the relay's key", Access, "  scope: ownKeys[i]\n", "  scope: relayKeys[0]\n", ""),
        new("delegations receive from the whole namespace", Access, "  scope: inboxes[i]\n", "  scope: bus\n", ""),
        new("delegations receive what the relay should", Access, "  scope: inboxes[i]\n", "  scope: queues[0]\n", ""),
        new(
            "delegations own their inbox",
            Access,
            "roles.busReceiver)\n    principalId: delegationPrincipals",
            "roles.busOwner)\n    principalId: delegationPrincipals",
            ""),
        new(
            "mediators own the queues",
            Access,
            "roles.busSender)\n    principalId: senders",
            "roles.busOwner)\n    principalId: senders",
            ""),
        new("the relay writes the directory", Access, "roles.blobReader)\n    principalId", "roles.blobContributor)\n    principalId", ""),
        new(
            "the relay replaces its own package",
            Main,
            "packagesPrincipalId: packagesIdentity.outputs.principalId\n",
            "packagesPrincipalId: identity.outputs.principalId\n",
            ""),
        new("the relay manages its queues", Access, "if (scaleOnQueueLength)", "if (!scaleOnQueueLength)", ""),
        new("a role that nobody knows", Access, "busReceiver: '4f6d3b9b", "busReceiver: '00000000", ""),
    ];

    public string Plant(IReadOnlyDictionary<string, string> texts)
    {
        var text = texts[File];
        var at = text.IndexOf(Find, StringComparison.Ordinal);
        return at < 0
            ? throw new InvalidOperationException($"'{Name}': {File} does not have '{Find}' any more")
            : text[..at] + Replace + text[(at + Find.Length)..];
    }

    public override string ToString() => Name;
}
