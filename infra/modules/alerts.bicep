// What an operator must act on. Thresholds are starting points: a quiet negotiation and a loud one differ.
@description('Names the resources.')
param environmentName string

@description('Region.')
param location string

@description('On every resource.')
param tags object

@description('Content of topology.json.')
param topology object

@description('Premium reports CPU; Standard does not.')
param premium bool

@description('Service Bus namespace.')
param busId string

@description('Key vault.')
param vaultId string

@description('Workspace of the audit logs.')
param workspaceId string

@description('Application Insights, which the availability test reports to.')
param applicationInsightsId string

@description('What alerts call.')
param actionGroupId string

@description('Host name of the function app.')
param appHost string

// A lone envelope's writes and some; envelopes that share commits take a tenth of one.
var storeWritesPerEnvelope = 3

// Any dead letter is a message that someone sent and nobody will get.
resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'relay-${environmentName}-dead-letters'
  location: 'global'
  tags: tags
  properties: {
    description: 'Messages were dead-lettered. The reason is on each message; see infra/README.md.'
    severity: 2
    enabled: true
    scopes: [busId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead-letters'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'DeadletteredMessages'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: ['*']
            }
          ]
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

// A queue that was never empty for a quarter of an hour: the relay is stopped, starved or outrun. The health alert says whether it is stopped.
resource backlog 'Microsoft.Insights/metricAlerts@2018-03-01' = [for queue in topology.queues: {
  name: 'relay-${environmentName}-backlog-${queue.name}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Queue ${queue.name} has not been empty for 15 minutes.'
    severity: queue.lane == 'urgent' ? 1 : 2
    enabled: true
    scopes: [busId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'backlog'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'ActiveMessages'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          timeAggregation: 'Minimum'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: [queue.name]
            }
          ]
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}]

resource busThrottling 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'relay-${environmentName}-bus-throttling'
  location: 'global'
  tags: tags
  properties: {
    description: 'Service Bus refused requests for load: add messaging units, or go Premium.'
    severity: 2
    enabled: true
    scopes: [busId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'throttled'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'ThrottledRequests'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 10
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

resource busLoad 'Microsoft.Insights/metricAlerts@2018-03-01' = if (premium) {
  name: 'relay-${environmentName}-bus-load'
  location: 'global'
  tags: tags
  properties: {
    description: 'Service Bus CPU above 70 percent, from where messaging units should be added.'
    severity: 3
    enabled: true
    scopes: [busId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'cpu'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'NamespaceCpuUsage'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 70
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

resource vaultThrottling 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'relay-${environmentName}-vault-throttling'
  location: 'global'
  tags: tags
  properties: {
    description: 'Key Vault answered 429: mediators sign more often than the vault allows; sign in batches.'
    severity: 2
    enabled: true
    scopes: [vaultId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'throttled'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'ServiceApiResult'
          metricNamespace: 'Microsoft.KeyVault/vaults'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 10
          dimensions: [
            {
              name: 'StatusCode'
              operator: 'Include'
              values: ['429']
            }
          ]
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

// The vault logs both 30 days and at the end; a key that a policy rotates never gets there, so either line means that rotation has failed.
resource keyExpiry 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'relay-${environmentName}-key-expiry'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Relay: a key is near its expiry or past it'
    description: 'Rotate it: a mediator without a valid key does not count towards any quorum.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT1H'
    // Before the vault has logged anything the table does not exist, and a fresh deployment must not fail on that.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" | where _ResourceId =~ "${vaultId}" | where OperationName in ("KeyNearExpiryEventGridNotification", "KeyExpiredEventGridNotification")'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [actionGroupId]
    }
    autoMitigate: false
  }
}

// What the ledger's storage costs is its writes. A lone envelope takes one; three of them over a thousand envelopes and an hour is a
// slow mode (heads swapped in vain, envelopes held one by one) or a change that costs money.
resource storeOperations 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'relay-${environmentName}-store-operations'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Relay: the ledger store is written too often'
    description: 'More than ${storeWritesPerEnvelope} writes an envelope over an hour of at least 1,000 envelopes; see infra/README.md.'
    severity: 3
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT1H'
    // As above: the table comes with the first measurement.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          // Of the histogram the count, of the counter the sum.
          query: 'AppMetrics | where Name in ("relay.store.operations", "relay.envelope.duration") | summarize writes = sumif(Sum, Name == "relay.store.operations" and tostring(Properties["relay.store.operation"]) == "write"), envelopes = sumif(ItemCount, Name == "relay.envelope.duration") | where envelopes >= 1000 and writes > ${storeWritesPerEnvelope} * envelopes'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [actionGroupId]
    }
    autoMitigate: true
  }
}

// Whether the process answers. It says nothing of what the app depends on; the backlog alerts do.
resource probe 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'relay-${environmentName}-live'
  location: location
  // Application Insights finds its tests by this tag.
  tags: union(tags, { 'hidden-link:${applicationInsightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'relay-${environmentName}-live'
    Name: 'Relay answers'
    Enabled: true
    Frequency: 300
    Timeout: 30
    Kind: 'standard'
    RetryEnabled: true
    Locations: [
      {
        Id: 'emea-nl-ams-azr'
      }
      {
        Id: 'us-va-ash-azr'
      }
      {
        Id: 'apac-sg-sin-azr'
      }
    ]
    Request: {
      RequestUrl: 'https://${appHost}/api/health/live'
      HttpVerb: 'GET'
      ParseDependentRequests: false
      FollowRedirects: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

resource health 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'relay-${environmentName}-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'The relay does not answer, seen from two places.'
    severity: 1
    enabled: true
    scopes: [
      probe.id
      applicationInsightsId
    ]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: probe.id
      componentId: applicationInsightsId
      failedLocationCount: 2
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}
