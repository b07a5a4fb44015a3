using System.Text.Json.Nodes;
using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests;

/// <summary>A deployment in which everything that a user may name is as long as it may be, and everything optional is on.</summary>
internal static class LongestNames
{
    private static readonly string Label = new('x', 50);

    public static BicepProgram Deploy(IReadOnlyDictionary<string, BicepFile> files, IReadOnlyDictionary<string, string> texts)
    {
        var topology = JsonNode.Parse(texts["topology.json"])!;
        topology["delegations"]!.AsArray().Add(Label);
        topology["mediators"]!.AsArray().Add(new JsonObject { ["name"] = Label, ["weight"] = 1 });
        var program = new BicepProgram(files, new Dictionary<string, string>(texts) { ["topology.json"] = topology.ToJsonString() });
        program.Run("main.bicep", new Dictionary<string, object?>
        {
            ["environmentName"] = new string('x', 16),
            ["location"] = "westeurope",
            ["secondLocation"] = "northeurope",
            ["hsmKeys"] = true,
            ["privateNetwork"] = true,
            ["ledgerImmutabilityDays"] = 146000L,
            ["scaleOnQueueLength"] = true,
            ["delegationPrincipals"] = new Dictionary<string, object?> { [Label] = "delegation" },
            ["mediatorPrincipals"] = new Dictionary<string, object?> { [Label] = "mediator" },
            ["operatorPrincipals"] = new List<object?> { "operators" },
            ["alertEmails"] = new List<object?> { "someone@example.org" },
        });
        return program;
    }
}
